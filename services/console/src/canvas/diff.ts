/** How two definitions differ, as one drawing that shows both. */

import { isSame } from "@/shared/forms/yaml";
import type { Flow, FlowEdge, FlowNode, Json, JsonObject } from "./flow";
import { flowOf, isObject } from "./flow";

export type Change = "added" | "removed" | "changed";

export interface FieldChange {
  /** Keys from the node, or the document, down to the value. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

export interface Difference {
  /** All nodes and edges of both. */
  readonly flow: Flow;
  readonly nodes: Readonly<Record<string, Change>>;
  readonly edges: Readonly<Record<string, Change>>;
  /** What differs within changed nodes, by id. */
  readonly fields: Readonly<Record<string, readonly FieldChange[]>>;
  /** What differs outside of nodes: inputs, variables, the title. */
  readonly settings: readonly FieldChange[];
}

/** Keys that say where a node leads: the edges tell that. */
const WAYS = new Set(["next", "exclusive", "parallel", "conditional_parallel"]);
/** Where things stand makes no difference to a run. */
const APART = new Set(["nodes", "layout"]);
/** How deep values are compared key by key; below, they differ as a whole. */
const DEPTH = 4;

/** Return how a definition has become another one. */
export function difference(before: JsonObject, after: JsonObject): Difference {
  const old = flowOf(before);
  const now = flowOf(after);
  const known = new Map(now.nodes.map((node) => [node.id, node]));
  const olds = new Map(old.nodes.map((node) => [node.id, node]));
  const nodes: Record<string, Change> = {};
  const fields: Record<string, readonly FieldChange[]> = {};
  for (const node of now.nodes) {
    const was = olds.get(node.id);
    if (was === undefined) nodes[node.id] = "added";
    else {
      const found = nodeChanges(was, node);
      if (found.length === 0) continue;
      nodes[node.id] = "changed";
      fields[node.id] = found;
    }
  }
  const gone = old.nodes.filter((node) => !known.has(node.id));
  for (const node of gone) nodes[node.id] = "removed";
  const both = edgesOf(old, now);
  return {
    flow: {
      nodes: [...now.nodes, ...gone],
      edges: both.edges,
      positions: { ...old.positions, ...now.positions },
    },
    nodes,
    edges: both.changes,
    fields,
    settings: changesOf(without(before, APART), without(after, APART)),
  };
}

/** Tell whether nothing differs that a run would notice. */
export function isNothing(found: Difference): boolean {
  return (
    Object.keys(found.nodes).length === 0 &&
    Object.keys(found.edges).length === 0 &&
    found.settings.length === 0
  );
}

function nodeChanges(before: FlowNode, after: FlowNode): FieldChange[] {
  if (!isObject(before.raw) || !isObject(after.raw)) {
    return isSame(before.raw, after.raw)
      ? []
      : [{ path: "", before: before.raw, after: after.raw }];
  }
  const found = changesOf(without(before.raw, WAYS), without(after.raw, WAYS));
  if (before.kind !== after.kind && found.length === 0) {
    return [{ path: "kind", before: before.kind, after: after.kind }];
  }
  return found;
}

function edgesOf(old: Flow, now: Flow): { edges: FlowEdge[]; changes: Record<string, Change> } {
  const changes: Record<string, Change> = {};
  const left = [...old.edges];
  for (const edge of now.edges) {
    const at = left.findIndex((one) => isSameWay(one, edge));
    const was = left[at];
    if (was === undefined) changes[edge.id] = "added";
    else {
      left.splice(at, 1);
      if (!isSameBranch(was, edge)) changes[edge.id] = "changed";
    }
  }
  // Two edges of one branch may be there, the old and the new: their ids have to differ.
  const gone = left.map((edge) => ({ ...edge, id: `${edge.id}-` }));
  for (const edge of gone) changes[edge.id] = "removed";
  return { edges: [...now.edges, ...gone], changes };
}

function isSameWay(one: FlowEdge, other: FlowEdge): boolean {
  return one.source === other.source && one.target === other.target;
}

function isSameBranch(one: FlowEdge, other: FlowEdge): boolean {
  return (
    one.condition === other.condition &&
    one.label === other.label &&
    (one.isDefault ?? false) === (other.isDefault ?? false)
  );
}

function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

/** Return what differs between two mappings, key by key. */
export function changesOf(
  before: JsonObject,
  after: JsonObject,
  path = "",
  depth = 1,
): FieldChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key): FieldChange[] => {
    const [one, other] = [before[key], after[key]];
    const place = path === "" ? key : `${path}.${key}`;
    if (isSame(one, other)) return [];
    if (depth < DEPTH && isObject(one) && isObject(other)) {
      return changesOf(one, other, place, depth + 1);
    }
    return [{ path: place, before: one, after: other }];
  });
}
