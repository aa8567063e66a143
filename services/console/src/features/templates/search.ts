/** What the address of the list of templates says. */
export interface TemplateSearch {
  readonly text?: string;
  readonly category?: string;
  readonly label?: string;
  readonly favourite?: true;
  readonly scope?: "all" | "common";
  readonly sort?: Sort;
  readonly cursor?: string;
}

/** Orders that are offered; without one, by key. */
export const SORTS = ["title", "-updated_at", "-created_at"] as const;

export type Sort = (typeof SORTS)[number];

/** Return what of an address the list understands. */
export function templateSearch(given: Record<string, unknown>): TemplateSearch {
  const sort = SORTS.find((one) => one === given["sort"]);
  const { scope } = given;
  return {
    ...word("text", given),
    ...word("category", given),
    ...word("label", given),
    ...word("cursor", given),
    ...((given["favourite"] === true || given["favourite"] === "true") && {
      favourite: true as const,
    }),
    ...((scope === "all" || scope === "common") && { scope }),
    ...(sort !== undefined && { sort }),
  };
}

/** Tell whether anything narrows the list. */
export function isNarrowed(search: TemplateSearch): boolean {
  const { cursor: _, sort: __, scope: ___, ...narrowing } = search;
  return Object.keys(narrowing).length > 0;
}

function word<K extends string>(
  name: K,
  given: Record<string, unknown>,
): Partial<Record<K, string>> {
  const value = given[name];
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text === "") return {};
  return { [name]: text } as Partial<Record<K, string>>;
}
