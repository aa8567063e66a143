import type { SchemaAttemptView, SchemaInstanceView, SchemaNodeView } from "@/api/schema";

/** What an attempt did during a part of its time. */
export type Phase = "queued" | "dispatched" | "running" | "waiting";

export interface Piece {
  readonly phase: Phase;
  /** In milliseconds since the epoch. */
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
}

export interface Bar {
  readonly number: number;
  readonly status: string;
  readonly pieces: readonly Piece[];
}

export interface TimelineRow {
  readonly id: string;
  readonly node: SchemaNodeView;
  /** How deep it stands below what it belongs to. */
  readonly depth: number;
  readonly from: number;
  readonly to: number | null;
  /** Empty for gateways and the like, which take no time. */
  readonly bars: readonly Bar[];
}

/**
 * Return a row for every node that was reached, in the order in which they were.
 *
 * What belongs to a node, such as the items of a map, follows it.
 */
export function timelineOf(view: SchemaInstanceView): TimelineRow[] {
  const reached = view.nodes.filter((node) => node.reached_at !== null);
  const known = new Set(reached.map((node) => node.node_id));
  const below = Map.groupBy(reached, (node) => {
    const isBelow = node.parent !== null && known.has(node.parent);
    return isBelow ? (node.parent ?? "") : "";
  });
  const rows: TimelineRow[] = [];
  const add = (owner: string, depth: number) => {
    for (const row of (below.get(owner) ?? []).map((node) => rowOf(node, depth)).toSorted(order)) {
      rows.push(row);
      if (row.id !== "") add(row.id, depth + 1);
    }
  };
  add("", 0);
  return rows;
}

const cache = new WeakMap<SchemaNodeView, TimelineRow>();

/** The same node gives the same row, so that only what has changed is drawn anew. */
function rowOf(node: SchemaNodeView, depth: number): TimelineRow {
  const known = cache.get(node);
  if (known?.depth === depth) return known;
  const bars = node.attempts.map((attempt) => barOf(node, attempt));
  const first = bars[0]?.pieces[0]?.from ?? instant(node.reached_at);
  const row: TimelineRow = {
    id: node.node_id,
    node,
    depth,
    from: Math.min(first, instant(node.reached_at)),
    to: node.ended_at === null ? null : instant(node.ended_at),
    bars: bars.length > 0 || node.ended_at === null ? bars : [],
  };
  cache.set(node, row);
  return row;
}

function order(one: TimelineRow, other: TimelineRow): number {
  const isItems = one.id.includes(":") && other.id.includes(":");
  return one.from - other.from || (isItems ? compare(one.id, other.id) : 0);
}

/** "deploy:2" comes before "deploy:10"; what was reached at once is in the order of the flow. */
function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function barOf(node: SchemaNodeView, attempt: SchemaAttemptView): Bar {
  return { number: attempt.number, status: attempt.status, pieces: piecesOf(node, attempt) };
}

/**
 * Return what is known of how an attempt has spent its time.
 *
 * Of each attempt the first begin of its plugin and the last hand-over to a worker are kept. Between
 * them lie its earlier steps with their waits, which take all but moments of it.
 */
export function piecesOf(node: SchemaNodeView, attempt: SchemaAttemptView): Piece[] {
  const opened = instant(attempt.opened_at);
  const closed = attempt.closed_at === null ? null : instant(attempt.closed_at);
  const handed = attempt.dispatched_at === null ? null : instant(attempt.dispatched_at);
  const begun = attempt.started_at === null ? null : instant(attempt.started_at);
  const isWaiting = closed === null && node.status === "waiting";
  if (handed === null) {
    return [
      piece(node.kind === "activity" && begun === null ? "queued" : "waiting", opened, closed),
    ];
  }
  if (begun === null) {
    return joined([
      piece("queued", opened, handed),
      piece(isWaiting ? "waiting" : "dispatched", handed, closed),
    ]);
  }
  if (attempt.step === 0 || handed <= begun) {
    // Who hands out notes it a moment later than who takes: it cannot have been later, though.
    const taken = Math.min(handed, begun);
    return joined([
      piece("queued", opened, taken),
      piece("dispatched", taken, begun),
      piece(isWaiting ? "waiting" : "running", begun, closed),
    ]);
  }
  return joined([
    piece("queued", opened, begun),
    piece("waiting", begun, handed),
    piece(isWaiting ? "waiting" : "running", handed, closed),
  ]);
}

function piece(phase: Phase, from: number, to: number | null): Piece {
  return { phase, from, to: to === null ? null : Math.max(from, to) };
}

/** Clocks of several machines differ by moments: nothing begins before what came before it. */
function joined(pieces: readonly Piece[]): Piece[] {
  return pieces.filter(
    (one, index) => one.to === null || one.to > one.from || index === pieces.length - 1,
  );
}

function instant(at: string | null): number {
  return at === null ? 0 : Date.parse(at);
}

/** The time that a chart shows. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Return the whole time of an instance; until now, if it goes on. */
export function spanOf(view: SchemaInstanceView, rows: readonly TimelineRow[], now: number): Span {
  const begins = rows.map((row) => row.from);
  const from = Math.min(...begins, instant(view.started_at ?? view.created_at));
  const ends = rows.flatMap((row) => (row.to === null ? [] : [row.to]));
  const isOver = view.ended_at !== null;
  const to = isOver ? Math.max(instant(view.ended_at), ...ends) : Math.max(now, ...ends);
  return { from, to: Math.max(to, from + 1) };
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000,
];
const DAY_MS = 86_400_000;

/** Return the instants at which a chart has a line, as times since its beginning. */
export function ticksOf(span: Span, most: number): number[] {
  const length = span.to - span.from;
  const step =
    STEPS_MS.find((one) => length / one <= most) ?? Math.ceil(length / most / DAY_MS) * DAY_MS;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

/** Return where an instant lies in a span, in percent of it. */
export function percent(span: Span, at: number): number {
  return ((at - span.from) / (span.to - span.from)) * 100;
}

/** Return the end of a span that only now and then moves: the chart stays still in between. */
export function steadyEnd(from: number, now: number): number {
  const length = Math.max(now - from, 1000);
  const step = 10 ** Math.floor(Math.log10(length));
  return from + Math.ceil((length * 1.02) / step) * step;
}
