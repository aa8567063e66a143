import type { SchemaNodeView } from "@/api/schema";
import type { Vertex } from "./graph";
import { nameOf } from "./graph";
import type { Layer, Layers } from "./layers";
import { partsOf } from "./layers";

/** What stands at a place: a node of the graph, or what runs on behalf of one. */
export interface Found {
  readonly place: string;
  readonly id: string;
  readonly layer: Layer;
  /** Null for items of maps, compensations and the like. */
  readonly vertex: Vertex | null;
  /** Null for what is left out, and where nothing has begun. */
  readonly node: SchemaNodeView | null;
}

/** Return what stands at a place; null where nothing does, or it is not read yet. */
export function foundAt(layers: Layers, place: string): Found | null {
  const { at, id } = partsOf(place);
  const layer = layers.get(at);
  if (layer === undefined) return null;
  const vertex = layer.graph.vertices.get(id) ?? null;
  const node = layer.run?.nodes.get(id) ?? null;
  return vertex === null && node === null ? null : { place, id, layer, vertex, node };
}

/** Return the instance that a node belongs to; null while nothing of its subflow has begun. */
export function instanceOf({ layer }: Found): string | null {
  return layer.run?.instance.instance_id ?? null;
}

/** Return what people call it. */
export function nameOfFound({ node, vertex, id }: Found): string {
  if (node !== null && node.name !== "") return node.name;
  return vertex === null ? id : nameOf(vertex);
}
