/** What an address of a run says: two people with the same one look at the same thing. */

export const TABS = ["graph", "nodes", "timeline", "variables", "history"] as const;

export type Tab = (typeof TABS)[number];

export interface RunSearch {
  /** Which tab; left out, the graph. */
  readonly tab?: Tab;
  /** Place of the node whose panel is open. */
  readonly node?: string;
  readonly attempt?: number;
  /** Places of the subflows that are open. */
  readonly open?: readonly string[];
}

/** Return what of an address the screen understands; what is mistaken is left out. */
export function runSearch(given: Record<string, unknown>): RunSearch {
  const tab = TABS.find((one) => one === given["tab"]);
  const node = given["node"];
  const attempt = Number(given["attempt"]);
  const open = [given["open"]].flat().filter((one) => typeof one === "string" && one !== "");
  return {
    ...(tab !== undefined && tab !== "graph" && { tab }),
    ...(typeof node === "string" && node !== "" && { node }),
    ...(Number.isInteger(attempt) && attempt > 0 && { attempt }),
    ...(open.length > 0 && { open: [...new Set(open as string[])] }),
  };
}
