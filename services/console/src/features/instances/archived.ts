import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { SchemaArchivedInstanceView, operations } from "@/api/schema";
import type { InstanceSearch } from "./search";
import { PAGE_SIZE, many, word } from "./search";

export type ArchivedRow = SchemaArchivedInstanceView;

/** What narrows a list of archived instances, as the API takes it. */
export type ArchivedQuery = NonNullable<
  operations["get_archived_instances"]["parameters"]["query"]
>;

/** Statuses of instances that have ended. */
export const ENDED_STATUSES = ["succeeded", "cancelled"] as const;

export type EndedStatus = (typeof ENDED_STATUSES)[number];

/** What the address of the list says; all that is there has to hold. */
export interface ArchivedSearch {
  readonly status?: readonly EndedStatus[];
  readonly template?: string;
  readonly actor?: string;
  readonly text?: string;
  /** First day on which they ended, as "2026-03-04". */
  readonly from?: string;
  /** Last day on which they ended. */
  readonly until?: string;
  readonly cursor?: string;
}

/** Return what of an address the list understands; what is mistaken is left out. */
export function archivedSearch(given: Record<string, unknown>): ArchivedSearch {
  const status = many(given["status"]).filter((one): one is EndedStatus =>
    (ENDED_STATUSES as readonly string[]).includes(one),
  );
  return {
    ...(status.length > 0 && { status }),
    ...word("template", given),
    ...word("actor", given),
    ...word("text", given),
    ...(dayAt(given["from"], 0) !== null && word("from", given)),
    ...(dayAt(given["until"], 0) !== null && word("until", given)),
    ...word("cursor", given),
  };
}

/** Return what the API is asked: days are those of the reader's clock, both of them whole. */
export function archivedQueryOf(search: ArchivedSearch): ArchivedQuery {
  const { from, until, status, ...same } = search;
  const after = dayAt(from, 0);
  const before = dayAt(until, 1);
  return {
    ...same,
    ...(status !== undefined && { status: [...status] }),
    // The API leaves out the instants that it is told.
    ...(after !== null && { ended_after: new Date(after.getTime() - 1).toISOString() }),
    ...(before !== null && { ended_before: before.toISOString() }),
  };
}

/** Return what a search for instances that are there says about archived ones, too. */
export function searchBeside(search: InstanceSearch): ArchivedSearch {
  const { template, ...same } = archivedSearch({ ...search, cursor: undefined });
  // Templates of other projects are known by their ids in archives.
  return template === undefined || template.includes("/") ? same : { ...same, template };
}

/** Tell whether anything narrows the list. */
export function isArchivedNarrowed(search: ArchivedSearch): boolean {
  return Object.keys(search).some((name) => name !== "cursor");
}

/** Return when a day begins, or one some days later; null for what is no day. */
function dayAt(text: unknown, later: number): Date | null {
  const found = typeof text === "string" ? /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) : null;
  if (found === null) return null;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const first = new Date(year, month - 1, day);
  if (first.getMonth() !== month - 1 || first.getDate() !== day) return null;
  return new Date(year, month - 1, day + later);
}

/** One page of a project's archived instances, the newest first. */
export function archivedQuery(project: string, search: ArchivedSearch) {
  const query = { ...archivedQueryOf(search), limit: PAGE_SIZE };
  return queryOptions({
    queryKey: ["archived-instances", project, query],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/archived-instances", {
          params: { path: { project }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
