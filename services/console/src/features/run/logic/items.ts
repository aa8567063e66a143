import type { SchemaInstanceView, SchemaItemView, SchemaNodeView } from "@/api/schema";

/** One item of a map. */
export interface Item {
  readonly index: number;
  readonly nodeId: string;
  readonly status: string;
  /** Null for what has not begun. */
  readonly node: SchemaNodeView | null;
}

/** Items of one map that an instance is read with; those of a larger one are read page by page. */
export const MOST_ITEMS = 200;

export interface Items {
  readonly total: number;
  readonly ended: number;
  readonly failed: number;
  /** How many stand in which status, those that have not begun included. */
  readonly counts: ReadonlyMap<string, number>;
  /** One by one, as far as they are read with the instance. */
  readonly items: readonly Item[];
  /** Whether there are more than these. */
  readonly isPaged: boolean;
}

const ENDED = new Set(["succeeded", "failed", "skipped", "cancelled"]);
const ITEM = /:(\d+)$/;

const indexes = new WeakMap<readonly SchemaNodeView[], ReadonlyMap<string, SchemaNodeView[]>>();

/** Return what runs on behalf of a node: items of a map, its compensation, notices. */
export function satellitesOf(view: SchemaInstanceView, id: string): readonly SchemaNodeView[] {
  let known = indexes.get(view.nodes);
  if (known === undefined) {
    const all = view.nodes.filter((node) => node.parent !== null && node.node_id.includes(":"));
    known = Map.groupBy(all, (node) => node.parent ?? "");
    indexes.set(view.nodes, known);
  }
  return known.get(id) ?? [];
}

/**
 * Return the items of a map as far as they are known.
 *
 * How many there are is known once it has ended, or from the list that it was given; before, it is
 * those that have begun.
 */
export function itemsOf(view: SchemaInstanceView, id: string, node: SchemaNodeView): Items {
  const begun = new Map<number, SchemaNodeView>();
  for (const one of satellitesOf(view, id)) {
    const index = ITEM.exec(one.node_id)?.[1];
    if (index !== undefined) begun.set(Number(index), one);
  }
  const told = new Map(Object.entries(view.maps[id] ?? {}));
  const highest = Math.max(-1, ...begun.keys());
  const total = Math.max(totalOf(node), highest + 1, sumOf(told));
  const isPaged = total > MOST_ITEMS;
  const items = Array.from({ length: Math.min(total, MOST_ITEMS) }, (_, index): Item => {
    const found = begun.get(index) ?? null;
    return { index, nodeId: `${id}:${index}`, status: shownStatus(found), node: found };
  });
  const counts = isPaged ? withPending(told, total) : countsOf(items);
  const ended = sumOf(new Map([...counts].filter(([status]) => ENDED.has(status))));
  return { total, ended, failed: counts.get("failed") ?? 0, counts, items, isPaged };
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function withPending(counts: ReadonlyMap<string, number>, total: number) {
  const pending = total - sumOf(counts);
  return pending === 0 ? counts : new Map([...counts, [PENDING, pending]]);
}

/** Status of what has not begun. */
export const PENDING = "pending";

/** Return the items of a page, as those are shown that are read with the instance. */
export function itemOfPage(item: SchemaItemView): PagedItem {
  const { index, node_id: nodeId, status, mark, allowed } = item;
  return { index, nodeId, status: mark === "ignored" ? "failed" : status, allowed };
}

export interface PagedItem {
  readonly index: number;
  readonly nodeId: string;
  readonly status: string;
  readonly allowed: readonly string[];
}

/** Tell whether an id is that of an item of a map. */
export function isItem(id: string): boolean {
  return ITEM.test(id);
}

/** A failure that the map tolerates counts as success; people want to see it all the same. */
export function shownStatus(node: SchemaNodeView | null): string {
  if (node === null) return PENDING;
  return node.mark === "ignored" ? "failed" : node.status;
}

function totalOf(node: SchemaNodeView): number {
  const count = node.outputs?.["count"];
  if (typeof count === "number") return count;
  const given = node.attempts.at(-1)?.inputs?.["items"];
  return Array.isArray(given) ? given.length : 0;
}

function countsOf(items: readonly Item[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of items) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** Longest part of an item's value that is shown. */
const LONGEST = 200;

/** Return what a map was given as an item, as people read it; empty where that is not known. */
export function valueOf(node: SchemaNodeView, index: number): string {
  const given = node.attempts.at(-1)?.inputs?.["items"];
  const value: unknown = Array.isArray(given) ? given[index] : undefined;
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
