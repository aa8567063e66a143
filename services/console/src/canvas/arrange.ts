/** Where nodes are put: room for new ones, and chosen ones in line. */

import type { Flow, NodeKind, Position, Positions } from "./flow";
import { END, START } from "./flow";
import type { Direction } from "./layout";
import { GAP, besides, free } from "./layout";
import type { Size } from "./size";
import { sizeOf } from "./size";

export type Alignment =
  "left" | "center" | "right" | "top" | "middle" | "bottom" | "across" | "down";

function sizes(flow: Flow): (id: string) => Size {
  const kinds = new Map<string, NodeKind>(flow.nodes.map((node) => [node.id, node.kind]));
  return (id) => sizeOf(kinds.get(id) ?? "start");
}

/**
 * Return the positions with one for a new node, behind what leads to it.
 *
 * What stands behind is moved on, where there is not room enough.
 */
export function withRoom(
  flow: Flow,
  positions: Positions,
  id: string,
  direction: Direction,
): Positions {
  const sizeAt = sizes(flow);
  const isDown = direction === "down";
  const axis = isDown ? 1 : 0;
  const before = flow.edges.find(({ source, target }) => target === id && source in positions);
  const behind = flow.edges.find(({ source, target }) => source === id && target in positions);
  const own = sizeAt(id);
  if (before === undefined) {
    const [x, y] = positions[behind?.target ?? START] ?? [0, 0];
    const wanted: Position = isDown ? [x + own.width + GAP, y] : [x, y + own.height + GAP];
    return { ...positions, [id]: free(positions, sizeAt, wanted, own, isDown) };
  }
  const from = positions[before.source] ?? [0, 0];
  const wanted = besides(from, sizeAt(before.source), own, isDown, true);
  const target = behind === undefined ? undefined : positions[behind.target];
  const needed = wanted[axis] + (isDown ? own.height : own.width) + GAP;
  const step = target === undefined ? 0 : needed - target[axis];
  const isBetween = target !== undefined && target[axis] > from[axis];
  const moved = isBetween && step > 0 ? shifted(positions, target[axis], axis, step) : positions;
  return { ...moved, [id]: free(moved, sizeAt, wanted, own, isDown) };
}

function shifted(positions: Positions, least: number, axis: 0 | 1, step: number): Positions {
  return Object.fromEntries(
    Object.entries(positions).map(([id, at]) =>
      at[axis] < least
        ? [id, at]
        : [id, axis === 0 ? ([at[0] + step, at[1]] as const) : ([at[0], at[1] + step] as const)],
    ),
  );
}

/** Return the positions with chosen nodes in line, or spread evenly across or down. */
export function aligned(
  flow: Flow,
  positions: Positions,
  ids: readonly string[],
  how: Alignment,
): Positions {
  const sizeAt = sizes(flow);
  const boxes = ids.flatMap((id) => {
    const at = positions[id];
    return at === undefined ? [] : [{ id, x: at[0], y: at[1], ...sizeAt(id) }];
  });
  if (boxes.length < 2) return positions;
  const moved =
    how === "across" || how === "down" ? spread(boxes, how === "across") : lined(boxes, how);
  const rounded = moved.map(({ id, x, y }) => [id, [Math.round(x), Math.round(y)]] as const);
  return { ...positions, ...Object.fromEntries(rounded) };
}

interface Box extends Size {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

function lined(boxes: readonly Box[], how: Exclude<Alignment, "across" | "down">): Box[] {
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const places = {
    left: () => ({ x: left }),
    center: (box: Box) => ({ x: (left + right - box.width) / 2 }),
    right: (box: Box) => ({ x: right - box.width }),
    top: () => ({ y: top }),
    middle: (box: Box) => ({ y: (top + bottom - box.height) / 2 }),
    bottom: (box: Box) => ({ y: bottom - box.height }),
  };
  return boxes.map((box) => ({ ...box, ...places[how](box) }));
}

function spread(boxes: readonly Box[], isAcross: boolean): Box[] {
  const start = (box: Box) => (isAcross ? box.x : box.y);
  const length = (box: Box) => (isAcross ? box.width : box.height);
  const sorted = boxes.toSorted((one, other) => start(one) - start(other));
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return sorted;
  const all = sorted.reduce((sum, box) => sum + length(box), 0);
  const gap = (start(last) + length(last) - start(first) - all) / (sorted.length - 1);
  let at = start(first);
  return sorted.map((box) => {
    const placed = isAcross ? { ...box, x: at } : { ...box, y: at };
    at += length(box) + gap;
    return placed;
  });
}

/** Return chosen nodes moved by some pixels; start and end may be chosen too. */
export function moved(
  positions: Positions,
  ids: Iterable<string>,
  [across, down]: Position,
): Positions {
  const found = { ...positions };
  for (const id of ids) {
    const at = positions[id];
    if (at !== undefined) found[id] = [at[0] + across, at[1] + down];
  }
  return found;
}

/** Return the positions of those that are still there. */
export function remaining(flow: Flow, positions: Positions): Positions {
  const known = new Set([START, END, ...flow.nodes.map((node) => node.id)]);
  return Object.fromEntries(Object.entries(positions).filter(([id]) => known.has(id)));
}
