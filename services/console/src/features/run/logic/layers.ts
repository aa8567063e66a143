import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import type { Edge, Graph, Subflow, Vertex } from "./graph";
import { scopeOf } from "./graph";

/**
 * A flow that is shown: that of the instance, or one that a subflow of it runs by itself.
 *
 * A place is how a node is called on the canvas and in addresses: its id, behind the places of the
 * subflows that lead to it: "deploy/build" is `build` of the instance that `deploy` has started.
 */
export interface Layer {
  /** Place of the subflow that it belongs to; empty for the instance itself. */
  readonly at: string;
  readonly graph: Graph;
  /** Null for a subflow that has not begun. */
  readonly run: Run | null;
}

export interface Run {
  readonly instance: SchemaInstanceView;
  readonly nodes: ReadonlyMap<string, SchemaNodeView>;
}

export type Layers = ReadonlyMap<string, Layer>;

export const WITHIN = "/";

export function placeOf(at: string, id: string): string {
  return at === "" ? id : `${at}${WITHIN}${id}`;
}

/** Return the layer's place and the node's id that a place stands for. */
export function partsOf(place: string): { readonly at: string; readonly id: string } {
  const cut = place.lastIndexOf(WITHIN);
  return cut < 0
    ? { at: "", id: place }
    : { at: place.slice(0, cut), id: place.slice(cut + WITHIN.length) };
}

/** Return the places of the subflows that a place lies in, the outermost first. */
export function outerOf(place: string): string[] {
  return [...place.matchAll(/[/.]/g)].map(({ index }) => place.slice(0, index));
}

/** Return the node that is drawn for a place: items of maps and the like stand in for nobody. */
export function ownerOf(place: string): string {
  const { at, id } = partsOf(place);
  return placeOf(at, id.split(":")[0] ?? id);
}

export interface Placed {
  readonly place: string;
  readonly layer: Layer;
  readonly vertex: Vertex;
  /** Null for what is no part of this instance, and for what has not begun. */
  readonly node: SchemaNodeView | null;
  /** Whether the instance runs without it. */
  readonly isLeftOut: boolean;
  readonly isOpen: boolean;
  /** How many open subflows it lies in. */
  readonly depth: number;
}

export interface PlacedEdge {
  readonly source: string;
  readonly target: string;
  readonly edge: Edge;
}

export interface Picture {
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly edges: readonly PlacedEdge[];
}

/**
 * Return everything that is drawn: the whole graph, with what lies in open subflows in their place.
 *
 * A closed subflow stands for what is in it. An open one leads to its first inner nodes, and its
 * last ones lead on to where it led itself; its own start and end are not drawn.
 */
export function pictureOf(layers: Layers, open: ReadonlySet<string>): Picture {
  const nodes = new Map<string, Placed>();
  const edges: PlacedEdge[] = [];
  for (const layer of layers.values()) {
    if (!isShown(layer.at, layers, open)) continue;
    for (const vertex of layer.graph.vertices.values()) {
      const place = placeOf(layer.at, vertex.id);
      if (!isWithinOpen(layer, vertex.id, open) || isHiddenEnd(layer, vertex)) continue;
      nodes.set(place, placed(layer, vertex, place, layers, open));
    }
  }
  for (const one of nodes.values()) {
    for (const { edge, target } of onward(one, layers, nodes)) {
      edges.push({ source: one.place, target, edge });
    }
  }
  return { nodes, edges };
}

function placed(
  layer: Layer,
  vertex: Vertex,
  place: string,
  layers: Layers,
  open: ReadonlySet<string>,
): Placed {
  const node = layer.run?.nodes.get(vertex.id) ?? null;
  return {
    place,
    layer,
    vertex,
    node,
    isLeftOut: layer.run !== null && node === null,
    isOpen: open.has(place) && hasInside(layer, vertex, layers),
    depth: place.split(/[/.]/).length - 1,
  };
}

/** Tell whether what a subflow runs is known, so that it can be shown in its place. */
export function hasInside(layer: Layer, vertex: Vertex, layers: Layers): boolean {
  if (vertex.kind !== "subflow") return false;
  if (vertex.subflow?.isInline === true) return layer.graph.vertices.has(`${vertex.id}.start`);
  return layers.has(placeOf(layer.at, vertex.id));
}

function isShown(at: string, layers: Layers, open: ReadonlySet<string>): boolean {
  if (at === "") return true;
  const { at: above, id } = partsOf(at);
  const layer = layers.get(above);
  if (layer === undefined || !open.has(at)) return false;
  return isWithinOpen(layer, id, open) && isShown(above, layers, open);
}

function isWithinOpen(layer: Layer, id: string, open: ReadonlySet<string>): boolean {
  for (let scope = scopeOf(id); scope !== null; scope = scopeOf(scope)) {
    if (!open.has(placeOf(layer.at, scope))) return false;
  }
  return true;
}

/** Ends within subflows are joints, not steps. */
function isHiddenEnd(layer: Layer, vertex: Vertex): boolean {
  const isEnd = vertex.kind === "start" || vertex.kind === "end";
  return isEnd && (layer.at !== "" || scopeOf(vertex.id) !== null);
}

interface Onward {
  readonly edge: Edge;
  readonly target: string;
}

function onward(one: Placed, layers: Layers, nodes: ReadonlyMap<string, Placed>): Onward[] {
  const { layer, vertex } = one;
  const entry = one.isOpen ? entryOf(layer, vertex, layers) : { layer, id: vertex.id };
  return edgesFrom(entry.layer, entry.id).flatMap((edge) =>
    landings(entry.layer, edge.target, layers, nodes).map((target) => ({ edge, target })),
  );
}

function entryOf(layer: Layer, vertex: Vertex, layers: Layers): { layer: Layer; id: string } {
  if (vertex.subflow?.isInline === true) return { layer, id: `${vertex.id}.start` };
  const inner = layers.get(placeOf(layer.at, vertex.id)) ?? layer;
  return { layer: inner, id: inner.graph.start };
}

/** Return where an edge leads on the canvas: through the ends of subflows to what follows them. */
function landings(
  layer: Layer,
  id: string,
  layers: Layers,
  nodes: ReadonlyMap<string, Placed>,
): string[] {
  const place = placeOf(layer.at, id);
  if (nodes.has(place)) return [place];
  const outer = outside(layer, id, layers);
  if (outer === null) return [];
  const on = edgesFrom(outer.layer, outer.id);
  return on.flatMap((edge) => landings(outer.layer, edge.target, layers, nodes));
}

/** Return the subflow that ends with a node. */
function outside(layer: Layer, id: string, layers: Layers): { layer: Layer; id: string } | null {
  const scope = scopeOf(id);
  if (scope !== null) return { layer, id: scope };
  if (layer.at === "") return null;
  const { at, id: subflow } = partsOf(layer.at);
  const above = layers.get(at);
  return above === undefined ? null : { layer: above, id: subflow };
}

const leavingOf = new WeakMap<Graph, Map<string, Edge[]>>();

function edgesFrom(layer: Layer, id: string): readonly Edge[] {
  let known = leavingOf.get(layer.graph);
  if (known === undefined) {
    known = new Map();
    for (const edge of layer.graph.edges) {
      const before = known.get(edge.source);
      if (before === undefined) known.set(edge.source, [edge]);
      else before.push(edge);
    }
    leavingOf.set(layer.graph, known);
  }
  return known.get(id) ?? [];
}

/** What has to be read so that all open subflows can be shown. */
export interface WantedLayer {
  readonly at: string;
  /** The instance that runs it; null while there is none. */
  readonly instance: string | null;
  readonly template: string;
  /** Null where it is known only once it begins. */
  readonly version: number | null;
}

/** Return which flows of their own are open, of the layers that are known. */
export function wantedLayers(layers: Layers, open: ReadonlySet<string>): WantedLayer[] {
  const wanted: WantedLayer[] = [];
  for (const at of open) {
    const { at: above, id } = partsOf(at);
    const layer = layers.get(above);
    const vertex = layer?.graph.vertices.get(id);
    if (layer === undefined || vertex?.kind !== "subflow" || vertex.subflow === null) continue;
    if (vertex.subflow.isInline) continue;
    const { template } = vertex.subflow;
    const instance = layer.run?.nodes.get(id)?.attempts.at(-1)?.child_instance_id ?? null;
    const version = knownVersion(vertex.subflow);
    if (instance !== null || version !== null) wanted.push({ at, instance, template, version });
  }
  return wanted;
}

/** Return what a subflow will run, if that is settled and its template is the project's own. */
function knownVersion({ template, version }: Subflow): number | null {
  return template.includes("/") ? null : version;
}

/** Tell whether a subflow could be opened, though what it runs may not be read yet. */
export function canOpen(one: Placed): boolean {
  const { vertex, node } = one;
  if (vertex.kind !== "subflow" || vertex.subflow === null) return false;
  if (vertex.subflow.isInline) return one.layer.graph.vertices.has(`${vertex.id}.start`);
  const child = node?.attempts.at(-1)?.child_instance_id ?? null;
  return child !== null || knownVersion(vertex.subflow) !== null;
}
