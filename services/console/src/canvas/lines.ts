/** Which way the lines of a drawing run, so that none of them passes beneath a node. */

import type { Flow, FlowEdge, NodeKind, Position, Positions } from "./flow";
import { END, START } from "./flow";
import type { Direction, Routes } from "./layout";
import type { Size } from "./size";
import { LABEL_HEIGHT, isLabelledBelow, sizeOf } from "./size";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placing {
  readonly flow: Flow;
  readonly positions: Positions;
  readonly direction: Direction;
  /** Sizes of nodes that are drawn larger than usual. */
  readonly sizes?: Readonly<Record<string, Size>>;
}

/** From end to end, with a bend at each point between. */
export type Line = readonly Position[];

/** How far a line runs straight out of a node before it bends, in pixels. */
const STUB = 22;
/** How far lines stay away from nodes, and from each other where they run side by side. */
const CLEAR = 16;
const APART = 14;
/** How far beside the nodes a line runs at first that leads back. */
const BACK = 64;

/** Return the line of every edge whose ends are drawn; where a route is known, it is taken. */
export function linesOf(placing: Placing, routes: Routes = {}): Readonly<Record<string, Line>> {
  const isDown = placing.direction === "down";
  const kinds = new Map(placing.flow.nodes.map((node) => [node.id, node.kind]));
  const sizeAt = (id: string) => placing.sizes?.[id] ?? sizeOf(kinds.get(id) ?? "start");
  const obstacles = [...boxesOf(placing)].map(([id, box]) => ({ id, ...turnedBox(box, isDown) }));
  const lanes: Lane[] = [];
  const lines: Record<string, Line> = {};
  for (const edge of placing.flow.edges) {
    const ends = endsOf(edge, placing, sizeAt);
    if (ends === null) continue;
    const route = routes[edge.id];
    if (route !== undefined && isRouteOf(route, ends, isDown)) {
      lines[edge.id] = [ends[0], ...levelled(route, ends, isDown), ends[1]];
      continue;
    }
    const [from, to] = [turned(ends[0], isDown), turned(ends[1], isDown)];
    const others = obstacles.filter(
      (box) => box.id !== edge.source && box.id !== edge.target && isBeside(box, from, to),
    );
    const line = wayOf(from, to, { edge, obstacles, others, lanes });
    lines[edge.id] = line.map((point) => turned(point, isDown));
  }
  return lines;
}

/** Return what nodes take up, with the names that stand below some. */
export function boxesOf({ flow, positions, sizes = {} }: Placing): ReadonlyMap<string, Box> {
  const kinds: [string, NodeKind][] = [
    [START, "start"],
    ...flow.nodes.map(({ id, kind }): [string, NodeKind] => [id, kind]),
    [END, "end"],
  ];
  return new Map(
    kinds.flatMap(([id, kind]): [string, Box][] => {
      const at = positions[id];
      if (at === undefined) return [];
      const { width, height } = sizes[id] ?? sizeOf(kind);
      const below = isLabelledBelow(kind) ? LABEL_HEIGHT : 0;
      return [[id, { x: at[0], y: at[1], width, height: height + below }]];
    }),
  );
}

/** Return where a line begins and ends: in the middle of a side. */
function endsOf(
  { source, target }: FlowEdge,
  { positions, direction }: Placing,
  sizeAt: (id: string) => Size,
): [Position, Position] | null {
  const [from, to] = [positions[source], positions[target]];
  if (from === undefined || to === undefined) return null;
  const [out, into] = [sizeAt(source), sizeAt(target)];
  return direction === "down"
    ? [
        [from[0] + out.width / 2, from[1] + out.height],
        [to[0] + into.width / 2, to[1]],
      ]
    : [
        [from[0] + out.width, from[1] + out.height / 2],
        [to[0], to[1] + into.height / 2],
      ];
}

/** How far a node may stand from where its line ends: half a pixel is rounded, half a name is not. */
const NEAR = 3;

/** Tell whether a line's ends are where its nodes are: nothing was moved since. */
export function isAtEnds(line: Line, [from, to]: readonly [Position, Position]): boolean {
  const [first] = line;
  const last = line.at(-1);
  return first !== undefined && last !== undefined && isNear(first, from) && isNear(last, to);
}

function isNear(one: Position, other: Position, [x, y]: Position = [NEAR, NEAR]): boolean {
  return Math.abs(one[0] - other[0]) <= x && Math.abs(one[1] - other[1]) <= y;
}

/** Tell the same of a route, which ends where names begin that stand above and below nodes. */
function isRouteOf(route: Line, ends: readonly [Position, Position], isDown: boolean): boolean {
  const [first] = route;
  const last = route.at(-1);
  if (first === undefined || last === undefined) return false;
  const bound: Position = isDown ? [NEAR, NEAR + LABEL_HEIGHT] : [NEAR, NEAR];
  return isNear(first, ends[0], bound) && isNear(last, ends[1], bound);
}

/** A route's bends, its first and last stretch as level as the ends are where they really are. */
function levelled(route: Line, [from, to]: [Position, Position], isDown: boolean): Position[] {
  const bends = route.slice(1, -1).map((point): [number, number] => [point[0], point[1]]);
  const axis = isDown ? 0 : 1;
  const [first] = bends;
  const last = bends.at(-1);
  if (first !== undefined && Math.abs(first[axis] - from[axis]) <= NEAR) first[axis] = from[axis];
  if (last !== undefined && Math.abs(last[axis] - to[axis]) <= NEAR) last[axis] = to[axis];
  return bends;
}

/** A stretch that a line has taken beside the nodes. */
interface Lane {
  readonly edge: FlowEdge;
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

interface Surroundings {
  readonly edge: FlowEdge;
  readonly obstacles: readonly Box[];
  /** Obstacles besides the two nodes that the line joins. */
  readonly others: readonly Box[];
  readonly lanes: Lane[];
}

/** Return a line of a drawing that runs to the right. */
function wayOf(from: Position, to: Position, around: Surroundings): Line {
  const isForward = to[0] - from[0] >= 2 * STUB;
  if (!isForward) return beside(from, to, around, Math.max(from[1], to[1]) + BACK);
  const direct = stepsOf(from, to);
  const free = direct.find((line) => isFree(line, around.others));
  return free ?? beside(from, to, around, null);
}

/** Tell whether a line between two points may come near a box, whichever way it goes. */
function isBeside({ x, width }: Box, from: Position, to: Position): boolean {
  const reach = STUB + CLEAR;
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  return x < right + reach && x + width > left - reach;
}

/** Lines with one step: in the middle, else near the beginning, else near the end. */
function stepsOf(from: Position, to: Position): Line[] {
  if (Math.abs(from[1] - to[1]) < 1) return [[from, to]];
  return [(from[0] + to[0]) / 2, from[0] + STUB, to[0] - STUB].map((x): Line => [
    from,
    [x, from[1]],
    [x, to[1]],
    to,
  ]);
}

/** Return a line through a lane where no node stands, as near as there is one. */
function beside(
  from: Position,
  to: Position,
  { edge, obstacles, others, lanes }: Surroundings,
  wanted: number | null,
): Line {
  const [left, right] = [from[0] + STUB, to[0] - STUB];
  const through = (y: number): Line => [
    from,
    [left, from[1]],
    [left, y],
    [right, y],
    [right, to[1]],
    to,
  ];
  const cost = (y: number) =>
    wanted === null ? Math.abs(y - from[1]) + Math.abs(y - to[1]) : Math.abs(y - wanted);
  const isApart = (y: number) => !lanes.some((lane) => isInTheWay(lane, edge, y, left, right));
  const [begin, end] = [Math.min(left, right), Math.max(left, right)];
  const near = obstacles.filter((box) => box.x <= end && box.x + box.width >= begin);
  const heights = [
    ...(wanted === null ? [] : [wanted]),
    ...near.flatMap((box) => [box.y - CLEAR - 1, box.y + box.height + CLEAR + 1]),
  ].flatMap((y) => [0, 1, 2, 3].flatMap((step) => [y - step * APART, y + step * APART]));
  const free = heights
    .toSorted((one, other) => cost(one) - cost(other))
    .find(
      (y) =>
        isApart(y) &&
        isFree(through(y), others) &&
        isFree(
          [
            [left, y],
            [right, y],
          ],
          near,
        ),
    );
  const y = free ?? wanted ?? (from[1] + to[1]) / 2;
  lanes.push({ edge, from: begin, to: end, at: y });
  return through(y);
}

function isInTheWay(lane: Lane, edge: FlowEdge, y: number, left: number, right: number): boolean {
  if (lane.edge.target === edge.target && lane.edge.source === edge.source) return false;
  return (
    Math.abs(lane.at - y) < APART - 1 &&
    lane.from < Math.max(left, right) &&
    Math.min(left, right) < lane.to
  );
}

function isFree(line: Line, obstacles: readonly Box[]): boolean {
  return line.every((to, index) => {
    const from = line[index - 1];
    return from === undefined || !obstacles.some((box) => crosses(from, to, box, CLEAR / 2));
  });
}

/** Tell whether a straight stretch comes nearer to a box than some pixels. */
export function crosses(from: Position, to: Position, box: Box, distance = 0): boolean {
  const [left, top] = [box.x - distance, box.y - distance];
  const [right, bottom] = [box.x + box.width + distance, box.y + box.height + distance];
  if (Math.max(from[0], to[0]) <= left || Math.min(from[0], to[0]) >= right) return false;
  if (Math.max(from[1], to[1]) <= top || Math.min(from[1], to[1]) >= bottom) return false;
  // A level stretch that gets so far crosses it; a slanted one has a side of it all to itself.
  const side = (x: number, y: number) =>
    (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]);
  const sides = [side(left, top), side(right, top), side(left, bottom), side(right, bottom)];
  return !(sides.every((one) => one > 0) || sides.every((one) => one < 0));
}

function turned([x, y]: Position, isDown: boolean): Position {
  return isDown ? [y, x] : [x, y];
}

function turnedBox(box: Box, isDown: boolean): Box {
  return isDown ? { x: box.y, y: box.x, width: box.height, height: box.width } : box;
}
