import type { SchemaInstanceSummaryView } from "@/api/schema";

/** What runs for longer than this is worth a look; most runs end within it. */
export const LONG_MS = 5 * 60_000;

/** Return the instances that have been running for long, the longest first. */
export function longest(
  rows: readonly SchemaInstanceSummaryView[],
  most: number,
  now: Date,
): readonly SchemaInstanceSummaryView[] {
  const since = (row: SchemaInstanceSummaryView) => new Date(row.started_at ?? now).getTime();
  return rows
    .filter((row) => now.getTime() - since(row) >= LONG_MS)
    .toSorted((one, other) => since(one) - since(other))
    .slice(0, most);
}
