/** What nodes wait for a person for. */
export const KINDS = ["approval", "failure"] as const;

export type Kind = (typeof KINDS)[number];

/** What the address of the page says. */
export interface WaitingSearch {
  readonly kind?: Kind;
  /** Only decisions that name who asks, or nobody, and failures of what they have started. */
  readonly mine?: true;
  /** What waits longest first; left out, the newest. */
  readonly sort?: "since";
}

/** Return what of an address the page understands. */
export function waitingSearch(given: Record<string, unknown>): WaitingSearch {
  const kind = KINDS.find((one) => one === given["kind"]);
  const isMine = given["mine"] === true || given["mine"] === "true";
  return {
    ...(kind !== undefined && { kind }),
    ...(isMine && { mine: true as const }),
    ...(given["sort"] === "since" && { sort: "since" as const }),
  };
}
