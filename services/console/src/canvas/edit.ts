/** Changes of a drawing: each takes one and returns another. */

import type { Flow, FlowBranch, FlowEdge, FlowNode, Json, JsonObject, NodeKind } from "./flow";
import { END, START, edgeId, flowWith, isObject, nodeOf } from "./flow";

/** What can be added. */
export type Part =
  | { readonly what: "plugin" | "map"; readonly plugin: string }
  | { readonly what: "subflow"; readonly template: string }
  | { readonly what: "exclusive" | "parallel" | "conditional_parallel" | "converge" };

/** Where something is added: behind a node, on an edge, or anywhere without being connected. */
export type Spot =
  { readonly after: string } | { readonly edge: string } | { readonly alone: true } | null;

export interface Added {
  readonly flow: Flow;
  readonly id: string;
}

/** Return an id that nothing in the flow has, made of what a node runs. */
export function newId(flow: Flow, base: string): string {
  const taken = new Set([START, END, ...flow.nodes.map((node) => node.id)]);
  const word = base.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "") || "node";
  let id = word;
  for (let number = 2; taken.has(id); number += 1) id = `${word}_${number}`;
  return id;
}

/** Return what a definition says of a new node; a gateway leads nowhere yet. */
export function rawOf(flow: Flow, part: Part): JsonObject {
  switch (part.what) {
    case "plugin":
      return { id: newId(flow, part.plugin.split("@")[0] ?? ""), plugin: part.plugin };
    case "map":
      return { id: newId(flow, "each"), map: { items: [] }, plugin: part.plugin };
    case "subflow":
      return { id: newId(flow, part.template.split("/").at(-1) ?? ""), subflow: part.template };
    case "converge":
      return { id: newId(flow, "converge"), converge: true };
    case "exclusive":
      return { id: newId(flow, "decide"), exclusive: [] };
    case "parallel":
      return { id: newId(flow, "parallel"), parallel: [] };
    case "conditional_parallel":
      return { id: newId(flow, "choose"), conditional_parallel: [] };
  }
}

/**
 * Add a node and connect it with what is there.
 *
 * Behind a gateway it begins a further branch, which leads to where the others meet. Without a spot
 * it comes last, before the end.
 */
export function add(flow: Flow, raw: JsonObject, spot: Spot): Added {
  const id = typeof raw["id"] === "string" ? raw["id"] : "";
  const node = nodeOf(raw, id, END);
  if (spot !== null && "alone" in spot)
    return { flow: withNodes(flow, [...flow.nodes, leading(node, null)]), id };
  const edge = edgeFor(flow, spot);
  if (edge !== null) return { flow: onEdge(flow, edge, [node], id, [id]), id };
  const source = flow.nodes.find(
    (one) => spot !== null && "after" in spot && one.id === spot.after,
  );
  if (source === undefined) {
    return { flow: withNodes(flow, [...flow.nodes, leading(node, null)]), id };
  }
  if (source.branches !== null) return { flow: asBranch(flow, source, node), id };
  const nodes = replaced(flow.nodes, { ...source, next: id });
  const at = nodes.findIndex((one) => one.id === source.id) + 1;
  return { flow: withNodes(flow, nodes.toSpliced(at, 0, leading(node, source.next))), id };
}

/** Return the edge that something is put on, or null where it is a gateway's or leads nowhere. */
function edgeFor(flow: Flow, spot: Exclude<Spot, { alone: true }>): FlowEdge | null {
  if (spot !== null && "edge" in spot) return flow.edges.find(({ id }) => id === spot.edge) ?? null;
  if (spot !== null && spot.after !== END) {
    return flow.edges.find(({ id }) => id === edgeId(spot.after)) ?? null;
  }
  return flow.edges.findLast(({ target }) => target === END) ?? null;
}

/** Put nodes on an edge: it leads to the first, and those that lead nowhere to where it led. */
function onEdge(
  flow: Flow,
  edge: FlowEdge,
  nodes: readonly FlowNode[],
  first: string,
  lasts: readonly string[],
): Flow {
  const added = nodes.map((node) => (lasts.includes(node.id) ? leading(node, edge.target) : node));
  if (edge.source === START) return withNodes(flow, frontFirst([...added, ...flow.nodes], first));
  const led = pointed(flow, edge, first);
  const at = led.nodes.findIndex((node) => node.id === edge.source) + 1;
  return withNodes(flow, led.nodes.toSpliced(at, 0, ...added));
}

/** Return a node that leads somewhere; of a gateway, by a branch that is there to begin with. */
function leading(node: FlowNode, target: string | null): FlowNode {
  if (node.branches === null) return { ...node, next: node.next === END ? target : node.next };
  if (target === null || node.branches.length > 0) return node;
  return { ...node, branches: [{ target, raw: firstBranch(node.kind) }] };
}

/** Without a name, the mapping form of a parallel branch marks one that nothing was put on yet. */
function firstBranch(kind: NodeKind): JsonObject {
  return kind === "parallel" ? {} : { default: true };
}

function isBare({ raw }: FlowBranch): boolean {
  return isObject(raw) && Object.keys(raw).every((key) => key === "next");
}

function asBranch(flow: Flow, gateway: FlowNode, node: FlowNode): Flow {
  const branches = gateway.branches ?? [];
  const bare = gateway.kind === "parallel" ? branches.findIndex(isBare) : -1;
  const open = branches.findIndex(({ target }) => target === null);
  const meeting = bare >= 0 ? (branches[bare]?.target ?? null) : meetingOf(flow, gateway);
  const index = bare >= 0 ? bare : open;
  const after =
    index >= 0
      ? branches.with(index, { target: node.id, raw: pointing(gateway.kind, branches[index]?.raw) })
      : withBranch(gateway, node.id);
  const nodes = replaced(flow.nodes, { ...gateway, branches: after });
  const added = leading(node, meeting);
  const place = nodes.findIndex(({ id }) => id === meeting);
  const at = place > nodes.findIndex(({ id }) => id === gateway.id) ? place : nodes.length;
  return withNodes(flow, nodes.toSpliced(at, 0, added));
}

function pointing(kind: NodeKind, raw: Json | undefined): Json {
  if (kind !== "parallel") return raw ?? { when: "" };
  // A plain id says as much as a mapping without a name, and is no placeholder.
  return raw === undefined || isBare({ target: null, raw }) ? "" : raw;
}

function withBranch({ kind, branches }: FlowNode, target: string): FlowBranch[] {
  const all = branches ?? [];
  if (kind === "parallel") return [...all, { target, raw: "" }];
  if (all.length === 0) return [{ target, raw: { default: true } }];
  const made: FlowBranch = { target, raw: { when: "" } };
  const last = all.at(-1);
  const isLastDefault = last !== undefined && isObject(last.raw) && last.raw["default"] === true;
  return isLastDefault ? [...all.slice(0, -1), made, last] : [...all, made];
}

/** Return where the branches of a gateway meet, or null where they do not. */
export function meetingOf(flow: Flow, gateway: FlowNode): string | null {
  const heads = (gateway.branches ?? []).flatMap(({ target }) => (target === null ? [] : [target]));
  const [first] = heads;
  if (first === undefined) {
    const at = flow.nodes.findIndex(({ id }) => id === gateway.id);
    return flow.nodes[at + 1]?.id ?? END;
  }
  if (heads.length === 1) {
    if (gateway.kind !== "parallel") return first;
    return flow.nodes.find(({ id }) => id === first)?.next ?? (first === END ? END : null);
  }
  const others = heads.slice(1).map((head) => new Set(reachable(flow, head)));
  return reachable(flow, first).find((id) => others.every((set) => set.has(id))) ?? null;
}

/** Return what can be reached from a node, itself first, the nearer before the farther. */
function reachable(flow: Flow, from: string): string[] {
  const outgoing = Map.groupBy(flow.edges, (edge) => edge.source);
  const found = new Set([from]);
  for (const id of found) {
    for (const edge of outgoing.get(id) ?? []) if (edge.isBack !== true) found.add(edge.target);
  }
  return [...found];
}

/** Lead a node to another one: a gateway by a further branch, others instead of where they led. */
export function connect(flow: Flow, source: string, target: string): Flow {
  if (target === START || source === END || source === target) return flow;
  if (source === START) {
    return target === END ? flow : withNodes(flow, frontFirst(flow.nodes, target));
  }
  const node = flow.nodes.find(({ id }) => id === source);
  if (node === undefined || node.kind === "broken") return flow;
  if (node.branches === null)
    return withNodes(flow, replaced(flow.nodes, { ...node, next: target }));
  if (node.kind === "parallel" && node.branches.some((one) => one.target === target)) return flow;
  const open = node.branches.findIndex((one) => one.target === null);
  const branches =
    open < 0
      ? withBranch(node, target)
      : node.branches.with(open, { target, raw: pointing(node.kind, node.branches[open]?.raw) });
  return withNodes(flow, replaced(flow.nodes, { ...node, branches }));
}

/** Take a connection away; of a gateway, the branch with it. The start always leads somewhere. */
export function disconnect(flow: Flow, edge: string): Flow {
  const found = flow.edges.find(({ id }) => id === edge);
  const node = flow.nodes.find(({ id }) => id === found?.source);
  if (found === undefined || node === undefined) return flow;
  const changed: FlowNode =
    node.branches === null
      ? { ...node, next: null }
      : { ...node, branches: node.branches.filter((_, index) => index !== found.branch) };
  return withNodes(flow, replaced(flow.nodes, changed));
}

/** Lead a connection elsewhere, at either end. */
export function reconnect(flow: Flow, edge: string, source: string, target: string): Flow {
  const found = flow.edges.find(({ id }) => id === edge);
  if (found === undefined || source === target || target === START) return flow;
  if (found.source === source) {
    if (source === START) return connect(flow, START, target);
    return pointed(flow, found, target);
  }
  return connect(disconnect(flow, edge), source, target);
}

function pointed(flow: Flow, edge: FlowEdge, target: string): Flow {
  const node = flow.nodes.find(({ id }) => id === edge.source);
  if (node === undefined) return flow;
  const { branch } = edge;
  const before = branch === undefined ? undefined : node.branches?.[branch];
  const changed: FlowNode =
    branch === undefined || before === undefined
      ? { ...node, next: target }
      : {
          ...node,
          branches: (node.branches ?? []).with(branch, {
            target,
            raw: node.kind === "parallel" ? pointing("parallel", before.raw) : before.raw,
          }),
        };
  return withNodes(flow, replaced(flow.nodes, changed));
}

/**
 * Take nodes and connections away.
 *
 * What led to a node that led to one other leads there now. A gateway's branches lead to different
 * places: what led to it leads nowhere then, and is marked until somebody connects it.
 */
export function remove(flow: Flow, ids: ReadonlySet<string>): Flow {
  const gone = new Set(flow.nodes.filter(({ id }) => ids.has(id)).map(({ id }) => id));
  const cut = flow.edges
    .filter(({ id, source }) => ids.has(id) && source !== START && !gone.has(source))
    .toReversed()
    .reduce((before, { id }) => disconnect(before, id), flow);
  if (gone.size === 0) return cut;
  const by = new Map(cut.nodes.map((node) => [node.id, node]));
  const healed = (target: string | null) => (target === null ? null : past(by, gone, target));
  const nodes = cut.nodes
    .filter(({ id }) => !gone.has(id))
    .map((node): FlowNode => {
      if (node.branches === null) return { ...node, next: healed(node.next) };
      return { ...node, branches: node.branches.flatMap((one) => branchPast(node, one, healed)) };
    });
  const first = cut.nodes[0];
  const start = first === undefined ? null : past(by, gone, first.id);
  const ordered = start === null || start === END ? nodes : frontFirst(nodes, start);
  const positions = Object.fromEntries(
    Object.entries(cut.positions).filter(([id]) => !gone.has(id)),
  );
  return flowWith(ordered, positions);
}

function branchPast(
  node: FlowNode,
  branch: FlowBranch,
  healed: (target: string | null) => string | null,
): FlowBranch[] {
  const target = healed(branch.target);
  if (target === branch.target) return [branch];
  if (target !== null) return [{ ...branch, target }];
  // A parallel branch is nothing but where it leads; a condition is worth keeping.
  return node.kind === "parallel" ? [] : [{ ...branch, target: null }];
}

/** Return where a removed node led, past others that are removed; null where to several or none. */
function past(
  nodes: ReadonlyMap<string, FlowNode>,
  gone: ReadonlySet<string>,
  target: string,
): string | null {
  const seen = new Set<string>();
  let at: string | null = target;
  while (at !== null && gone.has(at)) {
    if (seen.has(at)) return null;
    seen.add(at);
    const node = nodes.get(at);
    const ways = new Set(
      node === undefined || node.branches === null
        ? [node?.next ?? null]
        : node.branches.map((branch) => branch.target),
    );
    at = ways.size === 1 ? ([...ways][0] ?? null) : null;
  }
  return at;
}

/** Put copied nodes in: on an edge, or beside the others without being connected. */
export function insert(flow: Flow, nodes: readonly FlowNode[], edge: string | null): Flow {
  const found = flow.edges.find(({ id }) => id === edge);
  const inside = new Set(
    nodes.flatMap((node) => [node.next, ...(node.branches ?? []).map((one) => one.target)]),
  );
  const first = nodes.find(({ id }) => !inside.has(id)) ?? nodes[0];
  if (found === undefined || first === undefined) return withNodes(flow, [...flow.nodes, ...nodes]);
  const lasts = nodes
    .filter((node) => node.branches === null && node.next === null)
    .map((node) => node.id);
  const open = nodes.map((node) => (lasts.includes(node.id) ? { ...node, next: END } : node));
  return onEdge(flow, found, open, first.id, lasts);
}

export function withNodes(flow: Flow, nodes: readonly FlowNode[]): Flow {
  return flowWith(nodes, flow.positions);
}

function replaced(nodes: readonly FlowNode[], node: FlowNode): FlowNode[] {
  return nodes.map((one) => (one.id === node.id ? node : one));
}

/** The start leads to the node that stands first. */
function frontFirst(nodes: readonly FlowNode[], id: string): FlowNode[] {
  const first = nodes.find((node) => node.id === id);
  return first === undefined ? [...nodes] : [first, ...nodes.filter((node) => node !== first)];
}

/** Tell whether a node may be led to another one: what the canvas refuses to draw. */
export function mayConnect(flow: Flow, source: string, target: string): boolean {
  return connect(flow, source, target) !== flow;
}
