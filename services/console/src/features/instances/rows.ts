import type { SchemaInstanceSummaryView } from "@/api/schema";

export type Row = SchemaInstanceSummaryView;

/** Return the ids from one row to another, both included, as a click with Shift means them. */
export function between(
  ids: readonly string[],
  from: string | null,
  to: string,
): readonly string[] {
  const first = from === null ? -1 : ids.indexOf(from);
  const last = ids.indexOf(to);
  if (first < 0 || last < 0) return [to];
  return ids.slice(Math.min(first, last), Math.max(first, last) + 1);
}
