import type { SchemaInstanceView } from "@/api/schema";

/** What a stream tells of an instance: its head as it is now, and the nodes that have changed. */
export type InstanceChange = Pick<
  SchemaInstanceView,
  | "allowed"
  | "breakpoints"
  | "ended_at"
  | "failure"
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
  const nodes = view.nodes.map((node) => byId.get(node.node_id) ?? node);
  const known = new Set(view.nodes.map((node) => node.node_id));
  const added = change.nodes.filter((node) => !known.has(node.node_id));
  return { ...view, ...change, nodes: [...nodes, ...added] };
}
