/** Where nodes stand that nobody has placed. */

import type { ELK, ElkExtendedEdge, ElkNode, ElkPort } from "elkjs/lib/elk-api";
import type { Flow, NodeKind, Position, Positions } from "./flow";
import { END, START } from "./flow";
import type { Size } from "./size";
import { labelSize } from "./labels";
import { LABEL_HEIGHT, isLabelledBelow, sizeOf } from "./size";

export type Direction = "right" | "down";

export interface LayoutOptions {
  readonly direction?: Direction;
  /** Sizes of nodes that are drawn larger than usual, such as opened subflows. */
  readonly sizes?: Readonly<Record<string, Size>>;
  /** Lay everything out anew, also what somebody has placed. */
  readonly isWhole?: boolean;
}

export type Layouter = Pick<ELK, "layout">;

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.randomSeed": "1",
  "elk.layered.spacing.nodeNodeBetweenLayers": "72",
  "elk.spacing.nodeNode": "36",
  "elk.spacing.edgeNode": "28",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST",
  "elk.separateConnectedComponents": "false",
} as const;

const NEAT = {
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.nodePlacement.favorStraightEdges": "true",
} as const;

/**
 * For what is too large to be seen at once: half the time, and a little less even. Of the four ways
 * to place nodes, the one that favors straight lines would climb with every gateway.
 */
const QUICK = {
  "elk.edgeRouting": "POLYLINE",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.favorStraightEdges": "false",
  "elk.layered.thoroughness": "1",
} as const;

/** Number of nodes from which a flow is laid out quickly. */
const LARGE = 150;

/** Where lines run between nodes that were laid out, from end to end, by id of the edge. */
export type Routes = Readonly<Record<string, readonly Position[]>>;

export interface Drawing {
  readonly positions: Positions;
  /** Of lines that have to go round something; the others go straight. */
  readonly routes: Routes;
}

/** Distance of a node that is put beside others from what is nearest, in pixels. */
export const GAP = 72;

/**
 * Return where all nodes stand, start and end included.
 *
 * The same flow is always laid out in the same way. What somebody has placed stays where it is, and
 * the few others come to stand beside what leads to them.
 */
export async function layOut(
  flow: Flow,
  options: LayoutOptions = {},
  layouter: () => Promise<Layouter> = worker,
): Promise<Positions> {
  return (await drawingOf(flow, options, layouter)).positions;
}

/** Return the same with the ways of the lines, as far as they were laid out. */
export async function drawingOf(
  flow: Flow,
  options: LayoutOptions = {},
  layouter: () => Promise<Layouter> = worker,
): Promise<Drawing> {
  const { isWhole = false } = options;
  if (isWhole || !isPlaced(flow)) return drawn(flow, options, layouter);
  return { positions: completed(flow, options), routes: {} };
}

/** Return the same with the ways of the lines, of a flow that nobody has placed. */
export async function drawn(
  flow: Flow,
  options: LayoutOptions = {},
  layouter: () => Promise<Layouter> = worker,
): Promise<Drawing> {
  const row = rowOf(flow);
  if (row !== null) return { positions: inRow(row, flow, options), routes: {} };
  const elk = await layouter();
  const { children = [], edges = [] } = await elk.layout(elkGraph(flow, options));
  return { positions: placesOf(flow, children), routes: routesOf(flow, edges) };
}

/** Return the nodes in their order, where one simply follows the other; null for anything else. */
function rowOf({ nodes, edges }: Flow): string[] | null {
  const next = new Map(edges.map(({ source, target }) => [source, target]));
  if (next.size !== edges.length || edges.some((edge) => labelSize(edge) !== null)) return null;
  const row = [START];
  // A way that comes back to where it was is longer than there are nodes.
  for (let at = next.get(START); at !== undefined && row.length <= nodes.length + 1;) {
    row.push(at);
    at = next.get(at);
  }
  return row.length === nodes.length + 2 && row.at(-1) === END ? row : null;
}

/** A row needs no layouter: its middles are on one line. */
function inRow(row: readonly string[], flow: Flow, { direction, sizes = {} }: LayoutOptions) {
  const kinds = new Map(flow.nodes.map((node) => [node.id, node.kind]));
  const placed: Record<string, Position> = {};
  let at = 0;
  for (const id of row) {
    const kind = kinds.get(id) ?? "start";
    const { width, height } = sizes[id] ?? sizeOf(kind);
    placed[id] = direction === "down" ? [-width / 2, at] : [at, -height / 2];
    at += GAP + (direction === "down" ? height + roomBelow(kind) : width);
  }
  return placed;
}

function routesOf(flow: Flow, edges: readonly ElkExtendedEdge[]): Routes {
  const isNeat = flow.nodes.length < LARGE;
  const back = new Set(flow.edges.filter(({ isBack }) => isBack === true).map(({ id }) => id));
  return Object.fromEntries(
    edges.flatMap(({ id, sections = [] }): [string, Position[]][] => {
      const [section] = sections;
      if (section?.bendPoints === undefined || back.has(id)) return [];
      // What leads back goes below; slanted steps are drawn level, without being told.
      if (section.bendPoints.length <= (isNeat ? 0 : 2)) return [];
      const points = [section.startPoint, ...section.bendPoints, section.endPoint];
      return [[id, points.map(({ x, y }): Position => [Math.round(x), Math.round(y)])]];
    }),
  );
}

function placesOf(flow: Flow, children: readonly ElkNode[]): Positions {
  const kinds = new Map(flow.nodes.map((node) => [node.id, node.kind]));
  return Object.fromEntries(
    children.map(({ id, x = 0, y = 0 }) => {
      const below = roomBelow(kinds.get(id) ?? "start");
      return [id, [Math.round(x), Math.round(y) + below]] as const;
    }),
  );
}

/** Tell whether somebody has placed a flow's nodes: then only the others are laid out. */
export function isPlaced(flow: Flow): boolean {
  return Object.keys(flow.positions).length > 0;
}

/** Return the direction in which a drawing that was placed by hand runs. */
export function directionOf(positions: Positions): Direction {
  const { [START]: start, [END]: end } = positions;
  if (start === undefined || end === undefined) return "right";
  return end[1] - start[1] > end[0] - start[0] ? "down" : "right";
}

export function elkGraph(flow: Flow, { direction = "right", sizes = {} }: LayoutOptions): ElkNode {
  const drawn = [
    { id: START, kind: "start" as const },
    ...flow.nodes,
    { id: END, kind: "end" as const },
  ];
  return {
    id: "flow",
    layoutOptions: {
      ...OPTIONS,
      ...(flow.nodes.length < LARGE ? NEAT : QUICK),
      "elk.direction": direction === "right" ? "RIGHT" : "DOWN",
    },
    children: drawn.map(({ id, kind }) => {
      const { width, height } = sizes[id] ?? sizeOf(kind);
      const size = { width, height: height + 2 * roomBelow(kind) };
      return {
        ...{ id, ...size, ports: portsOf(id, size, direction) },
        layoutOptions: { "elk.portConstraints": "FIXED_POS", ...ends(id) },
      };
    }),
    edges: flow.edges.map((edge) => {
      const { id, source, target, label = "" } = edge;
      const size = labelSize(edge);
      const room =
        size === null ? [] : [{ text: label, ...roomOf(size, direction), layoutOptions: INLINE }];
      return { id, sources: [`${source}.out`], targets: [`${target}.in`], labels: room };
    }),
  };
}

/** Names stand on their lines, not above. */
const INLINE = { "elk.edgeLabels.inline": "true" };

/**
 * Room for the name of a branch, for what is put behind it where something can be inserted, and for
 * the line to be seen before and after both.
 */
function roomOf({ width, height }: Size, direction: Direction): Size {
  return { width: width + 36, height: direction === "right" ? height + 4 : height + 30 };
}

/** Lines begin and end in the middle of a side, where the canvas has its handles. */
function portsOf(id: string, { width, height }: Size, direction: Direction): ElkPort[] {
  const isRight = direction === "right";
  const before = isRight ? { x: 0, y: height / 2 } : { x: width / 2, y: 0 };
  const behind = isRight ? { x: width, y: height / 2 } : { x: width / 2, y: height };
  return [
    { id: `${id}.in`, ...before, layoutOptions: { "elk.port.side": isRight ? "WEST" : "NORTH" } },
    { id: `${id}.out`, ...behind, layoutOptions: { "elk.port.side": isRight ? "EAST" : "SOUTH" } },
  ];
}

/** Room for a name is taken above too, so that lines meet the middle of what is drawn. */
function roomBelow(kind: NodeKind): number {
  return isLabelledBelow(kind) ? LABEL_HEIGHT : 0;
}

function ends(id: string): Record<string, string> {
  if (id === START) return { "elk.layered.layering.layerConstraint": "FIRST" };
  return id === END ? { "elk.layered.layering.layerConstraint": "LAST" } : {};
}

/** Return where all nodes stand of a flow that somebody has placed, at once. */
export function completed(flow: Flow, { sizes = {}, direction }: LayoutOptions = {}): Positions {
  const found: Record<string, Position> = { ...flow.positions };
  const kinds = new Map(flow.nodes.map((node) => [node.id, node.kind]));
  const sizeAt = (id: string) => sizes[id] ?? sizeOf(kinds.get(id) ?? "start");
  const isDown = (direction ?? directionOf(flow.positions)) === "down";
  for (const id of [START, ...kinds.keys(), END]) {
    if (id in found) continue;
    const edge = flow.edges.find(({ source, target }) => target === id && source in found);
    const next = flow.edges.find(({ source, target }) => source === id && target in found);
    const beside = edge?.source ?? next?.target;
    if (beside === undefined) {
      found[id] = free(found, sizeAt, [0, 0], sizeAt(id), isDown);
      continue;
    }
    const wanted = besides(
      found[beside] ?? [0, 0],
      sizeAt(beside),
      sizeAt(id),
      isDown,
      edge !== undefined,
    );
    found[id] = free(found, sizeAt, wanted, sizeAt(id), isDown);
  }
  return found;
}

/** Return the place of a node right behind, or before, another one. */
export function besides(
  [x, y]: Position,
  size: Size,
  own: Size,
  isDown: boolean,
  isBehind: boolean,
): Position {
  if (isDown) {
    const step = isBehind ? size.height + GAP : -own.height - GAP;
    return [x + (size.width - own.width) / 2, y + step];
  }
  const step = isBehind ? size.width + GAP : -own.width - GAP;
  return [x + step, y + (size.height - own.height) / 2];
}

/** Return the place nearest to a wanted one, across the flow's direction, where nothing stands. */
export function free(
  taken: Positions,
  sizeAt: (id: string) => Size,
  wanted: Position,
  size: Size,
  isDown: boolean,
): Position {
  const others = Object.entries(taken).map(([id, at]) => ({ at, size: sizeAt(id) }));
  let [x, y] = [Math.round(wanted[0]), Math.round(wanted[1])];
  for (;;) {
    const hit = others.find(
      (other) =>
        x < other.at[0] + other.size.width &&
        other.at[0] < x + size.width &&
        y < other.at[1] + other.size.height + LABEL_HEIGHT &&
        other.at[1] < y + size.height + LABEL_HEIGHT,
    );
    if (hit === undefined) return [x, y];
    if (isDown) x = hit.at[0] + hit.size.width + GAP / 2;
    else y = hit.at[1] + hit.size.height + LABEL_HEIGHT + GAP / 2;
  }
}

let shared: Promise<Layouter> | undefined;

/** Have laying out begin to be loaded, while what is to be laid out is still being read. */
export function prepareLayout(): void {
  // Where it cannot be loaded now, the first layout says so.
  worker().catch(() => undefined);
}

/** The one that works beside the page, begun when it is first needed. */
function worker(): Promise<Layouter> {
  shared ??= begun().catch((error: unknown) => {
    // It could not be loaded: the next drawing tries again.
    shared = undefined;
    throw error;
  });
  return shared;
}

async function begun(): Promise<Layouter> {
  const [{ default: Elk }, { default: address }] = await Promise.all([
    import("elkjs/lib/elk-api.js"),
    import("elkjs/lib/elk-worker.min.js?url"),
  ]);
  const beside = new Worker(address);
  const elk = new Elk({ workerFactory: () => beside });
  const lost = new Promise<never>((_, reject) => {
    beside.addEventListener("error", () => {
      shared = undefined;
      beside.terminate();
      reject(new Error(`Expected to load ${address}`));
    });
  });
  lost.catch(() => undefined);
  // By itself it would wait for ever for a worker that never came.
  return { layout: (graph, options) => Promise.race([elk.layout(graph, options), lost]) };
}
