/** Lists that change while somebody points at them. */

export interface ShownItem<T> {
  readonly item: T;
  /** Whether the list no longer has it: it is kept in its place while somebody points at the list. */
  readonly isGone: boolean;
}

export interface ShownList<T> {
  readonly items: readonly ShownItem<T>[];
  /** How many are new and held back. */
  readonly waiting: number;
}

/**
 * Return what is shown of a list that was read again.
 *
 * While somebody points at it, nothing moves: items change in their place, new ones wait, and those
 * that are gone stay. Otherwise it is the list itself.
 */
export function shownList<T>(
  fresh: readonly T[],
  held: readonly T[] | null,
  idOf: (item: T) => string,
): ShownList<T> {
  if (held === null) return { items: fresh.map((item) => ({ item, isGone: false })), waiting: 0 };
  const byId = new Map(fresh.map((item) => [idOf(item), item]));
  const known = new Set(held.map(idOf));
  return {
    items: held.map((item) => {
      const now = byId.get(idOf(item));
      return { item: now ?? item, isGone: now === undefined };
    }),
    waiting: fresh.filter((item) => !known.has(idOf(item))).length,
  };
}
