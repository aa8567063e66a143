import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";

/** What a stream tells of an instance: its head as it is now, and the nodes that have changed. */
export type InstanceChange = Pick<
  SchemaInstanceView,
  | "allowed"
  | "breakpoints"
  | "ended_at"
  | "failure"
  | "maps"
  | "nodes"
  | "outputs"
  | "phase"
  | "priority"
  | "revision"
  | "started_at"
  | "status"
>;

/** Return an instance as it is after a change; an older change changes nothing. */
export function changed(view: SchemaInstanceView, change: InstanceChange): SchemaInstanceView {
  if (change.revision <= view.revision) return view;
  const byId = new Map(change.nodes.map((node) => [node.node_id, node]));
  const nodes = view.nodes.map((node) => {
    const now = byId.get(node.node_id);
    byId.delete(node.node_id);
    return now ?? node;
  });
  return { ...view, ...change, nodes: stopped([...nodes, ...byId.values()], change.breakpoints) };
}

/** Nodes that were not reached have no change of their own: their stops stand in the head alone. */
function stopped(nodes: readonly SchemaNodeView[], breakpoints: readonly string[]) {
  const stops = new Set(breakpoints);
  return nodes.map((node) => {
    const has_breakpoint = stops.has(node.node_id);
    if (node.has_breakpoint === has_breakpoint) return node;
    const [wrong, right] = has_breakpoint ? ["pause", "resume"] : ["resume", "pause"];
    const allowed = node.allowed.map((verb) => (verb === wrong ? right : verb));
    return { ...node, has_breakpoint, allowed };
  });
}

/** Return the later one of two readings of an instance; the one that was just read, if neither is. */
export function later(
  shown: SchemaInstanceView | undefined,
  read: SchemaInstanceView,
): SchemaInstanceView {
  return shown !== undefined && shown.revision > read.revision ? shown : read;
}

export type NodesById = ReadonlyMap<string, SchemaNodeView>;

const indexes = new WeakMap<SchemaInstanceView, NodesById>();

/** Return an instance's nodes by their ids. */
export function nodesOf(view: SchemaInstanceView): NodesById {
  let known = indexes.get(view);
  if (known === undefined) {
    known = new Map(view.nodes.map((node) => [node.node_id, node]));
    indexes.set(view, known);
  }
  return known;
}
