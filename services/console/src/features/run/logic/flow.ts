import type { Flow, FlowEdge, FlowNode, Json, JsonObject, Positions } from "@/canvas/flow";
import { END, START, edgeId, flowOf } from "@/canvas/flow";
import type { Graph } from "./graph";
import { nameOf } from "./graph";
import type { Layers, Picture, Placed } from "./layers";

/** Return what the canvas draws of a picture. */
export function flowOfPicture(picture: Picture, calls: CanvasIds, document: Json): Flow {
  const drawn = [...picture.nodes.values()];
  const nodes = drawn
    .filter(({ vertex }) => vertex.kind !== "start" && vertex.kind !== "end")
    .map(flowNode);
  const counts = new Map<string, number>();
  const edges = picture.edges.map(({ source, target, edge }): FlowEdge => {
    const from = calls.get(source) ?? source;
    const branch = counts.get(from) ?? 0;
    counts.set(from, branch + 1);
    const label = edge.name === "" ? edge.condition : edge.name;
    return {
      id: edgeId(from, branch),
      source: from,
      target: calls.get(target) ?? target,
      branch,
      ...(label !== null && { label }),
      ...(edge.condition !== null && { condition: edge.condition }),
      ...(edge.isDefault && { isDefault: true }),
      ...(edge.isBack && { isBack: true }),
    };
  });
  const hasOpen = drawn.some((one) => one.isOpen);
  return { nodes, edges, positions: hasOpen ? {} : placedBy(document, nodes) };
}

/** Where somebody has placed all nodes; nothing where even one would lie on the others. */
function placedBy(document: Json, nodes: readonly FlowNode[]): Positions {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return {};
  const { positions } = flowOf(document as JsonObject);
  return nodes.every((node) => node.id in positions) ? positions : {};
}

export type CanvasIds = ReadonlyMap<string, string>;

/** The canvas has names of its own for the start and the end of a flow. */
export function canvasIds(root: Graph | undefined): CanvasIds {
  if (root === undefined) return new Map();
  return new Map([
    [root.start, START],
    [root.end, END],
  ]);
}

function flowNode({ place, vertex }: Placed): FlowNode {
  return {
    id: place,
    kind: vertex.kind,
    title: nameOf(vertex),
    subtitle: vertex.plugin ?? vertex.subflow?.template ?? "",
    raw: null,
    next: null,
    branches: null,
  };
}

/** Return a name for the shape of a flow: two with the same one are laid out in the same way. */
export function shapeOf(flow: Flow): string {
  return JSON.stringify([
    flow.nodes.map((node) => [node.id, node.kind]),
    flow.edges.map((edge) => [edge.source, edge.target, edge.label]),
    flow.positions,
  ]);
}

interface Sketched {
  readonly flow: Flow;
  readonly shape: string;
}

/** Remembers a drawing: statuses change all the time, what is drawn of them does not. */
export class Sketch {
  #frame: readonly unknown[] = [];
  #kept: Sketched | undefined;

  /** Return what is drawn; the same flow for as long as it has the same shape. */
  of(picture: Picture, layers: Layers, calls: CanvasIds, document: Json): Sketched {
    const graphs = [...layers.values()].map((layer) => layer.graph);
    const open = [...picture.nodes.values()].filter((one) => one.isOpen).map((one) => one.place);
    const frame = [calls, document, open.join(), ...graphs];
    if (this.#kept !== undefined && isSame(frame, this.#frame)) return this.#kept;
    const flow = flowOfPicture(picture, calls, document);
    const shape = shapeOf(flow);
    this.#frame = frame;
    if (this.#kept?.shape !== shape) this.#kept = { flow, shape };
    return this.#kept;
  }
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
}
