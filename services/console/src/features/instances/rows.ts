import type { SchemaInstanceSummaryView } from "@/api/schema";

export type Row = SchemaInstanceSummaryView;

export interface ShownRow {
  readonly row: Row;
  /** Whether the list no longer has it: it is kept in its place while somebody points at the list. */
  readonly isGone: boolean;
}

export interface Shown {
  readonly rows: readonly ShownRow[];
  /** How many are new and held back. */
  readonly waiting: number;
}

/**
 * Return what is shown of a list that was read again.
 *
 * While somebody points at it, nothing moves: rows change in their place, new ones wait, and those
 * that are gone stay. Otherwise it is the list itself.
 */
export function shownRows(fresh: readonly Row[], held: readonly Row[] | null): Shown {
  if (held === null) return { rows: fresh.map((row) => ({ row, isGone: false })), waiting: 0 };
  const byId = new Map(fresh.map((row) => [row.instance_id, row]));
  const known = new Set(held.map((row) => row.instance_id));
  return {
    rows: held.map((row) => {
      const now = byId.get(row.instance_id);
      return { row: now ?? row, isGone: now === undefined };
    }),
    waiting: fresh.filter((row) => !known.has(row.instance_id)).length,
  };
}

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
