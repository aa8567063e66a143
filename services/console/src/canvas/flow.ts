/**
 * A definition as a drawing, and back.
 *
 * A definition is a sequence in which a node leads to the following one unless it says otherwise.
 * A drawing says of each node where it leads. What the canvas does not know stays in `raw`, and what
 * has not changed is written as it was: drawing a definition and writing it again changes nothing.
 * Drafts may hold anything, so whatever stands in the list of nodes is drawn somehow and kept.
 */

import type { Json, JsonObject } from "@/shared/forms/types";

export type { Json, JsonObject };

export const START = "start";
export const END = "end";

/** The key that says what a node is, as far as it is one of a definition's. */
export const KIND_KEYS = [
  "plugin",
  "subflow",
  "exclusive",
  "parallel",
  "conditional_parallel",
  "converge",
] as const;

export type GatewayKind = "exclusive" | "parallel" | "conditional_parallel";

/** "broken" is what stands among the nodes, but says neither an id nor what it is. */
export type NodeKind =
  "start" | "end" | "activity" | "subflow" | "map" | GatewayKind | "converge" | "broken";

export type Position = readonly [x: number, y: number];
export type Positions = Readonly<Record<string, Position>>;

/** One way out of a gateway. */
export interface FlowBranch {
  /** Null where it does not lead anywhere yet. */
  readonly target: string | null;
  readonly raw: Json;
}

export interface FlowNode {
  readonly id: string;
  readonly kind: NodeKind;
  /** Its name, else its id. */
  readonly title: string;
  /** What it runs: plugin@version, or the key of a template. */
  readonly subtitle: string;
  /** As it stands in the definition; null for start and end. */
  readonly raw: Json;
  /** Where it leads; null where nowhere yet, and for gateways. */
  readonly next: string | null;
  /** For gateways, in order. */
  readonly branches: readonly FlowBranch[] | null;
}

export interface FlowEdge {
  /** Unlike every id of a node. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Which branch of its gateway it is. */
  readonly branch?: number;
  /** What the branch is called, else its condition. */
  readonly label?: string;
  readonly condition?: string;
  readonly isDefault?: boolean;
  /** Its branch has to say when it is taken, and does not yet. */
  readonly lacksCondition?: boolean;
  /** It leads back to a node that lies before its source. */
  readonly isBack?: boolean;
}

export interface Flow {
  /** Nodes of the definition in order, without start and end. */
  readonly nodes: readonly FlowNode[];
  /** All connections between nodes that exist, start's and end's included. */
  readonly edges: readonly FlowEdge[];
  /** Where nodes stand that somebody has placed. */
  readonly positions: Positions;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isGateway(kind: NodeKind): kind is GatewayKind {
  return kind === "exclusive" || kind === "parallel" || kind === "conditional_parallel";
}

/** Return the drawing of a definition, sound or not. */
export function flowOf(document: JsonObject): Flow {
  const items = Array.isArray(document["nodes"]) ? (document["nodes"] as readonly Json[]) : [];
  const seen = new Set([START, END]);
  const ids = items.map((item, index) => {
    const id = isObject(item) && typeof item["id"] === "string" ? item["id"] : "";
    if (id === "" || seen.has(id)) return `?${index}`;
    seen.add(id);
    return id;
  });
  const nodes = items.map((item, index) => nodeOf(item, ids[index] ?? "", ids[index + 1] ?? END));
  return flowWith(nodes, positionsOf(document["layout"]));
}

/** Return the drawing of these nodes. */
export function flowWith(nodes: readonly FlowNode[], positions: Positions): Flow {
  return { nodes, edges: marked(nodes, edgesOf(nodes)), positions };
}

/** Return a node as it is drawn from what a definition says of it. */
export function nodeOf(raw: Json, id: string, following: string): FlowNode {
  if (!isObject(raw) || id.startsWith("?")) {
    const title = isObject(raw) && typeof raw["id"] === "string" ? raw["id"] : id;
    return { id, kind: "broken", title, subtitle: "", raw, next: null, branches: null };
  }
  const kind = kindOf(raw);
  const name = raw["name"];
  const title = typeof name === "string" && name !== "" ? name : id;
  const runs = raw["plugin"] ?? raw["subflow"];
  const subtitle = typeof runs === "string" ? runs : "";
  const branches = isGateway(kind) ? branchesOf(raw[kind]) : null;
  const written = raw["next"];
  const said = typeof written === "string" && written !== "" ? written : null;
  const next = branches !== null ? null : "next" in raw ? said : following;
  return { id, kind, title, subtitle, raw, next, branches };
}

function kindOf(raw: JsonObject): NodeKind {
  const key = KIND_KEYS.find((name) => name in raw);
  if (key === undefined) return "broken";
  if (key === "plugin" || key === "subflow") {
    if ("map" in raw) return "map";
    return key === "plugin" ? "activity" : "subflow";
  }
  return key;
}

function branchesOf(raw: Json | undefined): FlowBranch[] {
  if (!Array.isArray(raw)) return [];
  return (raw as readonly Json[]).map((one) => {
    const target = isObject(one) ? one["next"] : one;
    return { target: typeof target === "string" && target !== "" ? target : null, raw: one };
  });
}

function positionsOf(layout: Json | undefined): Positions {
  if (!isObject(layout)) return {};
  return Object.fromEntries(
    Object.entries(layout).flatMap(([id, at]): [string, Position][] => {
      if (!Array.isArray(at) || at.length !== 2) return [];
      const [x, y] = at as readonly Json[];
      return typeof x === "number" && typeof y === "number" ? [[id, [x, y]]] : [];
    }),
  );
}

function edgesOf(nodes: readonly FlowNode[]): FlowEdge[] {
  const known = new Set([END, ...nodes.map((node) => node.id)]);
  const edges: FlowEdge[] = [
    { id: edgeId(START), source: START, target: nodes[0]?.id ?? END } as const,
  ];
  for (const node of nodes) {
    if (node.next !== null && known.has(node.next)) {
      edges.push({ id: edgeId(node.id), source: node.id, target: node.next });
    }
    node.branches?.forEach(({ target, raw }, branch) => {
      if (target === null || !known.has(target)) return;
      const id = edgeId(node.id, branch);
      edges.push({ id, source: node.id, target, branch, ...saidOf(raw) });
    });
  }
  return edges;
}

/** Return what an edge is called that begins at a node. */
export function edgeId(source: string, branch?: number): string {
  return `${source}>${branch ?? ""}`;
}

type Said = Pick<FlowEdge, "label" | "condition" | "isDefault" | "lacksCondition">;

function saidOf(raw: Json): Said {
  if (!isObject(raw)) return {};
  const { name, when, boolrule } = raw;
  const isOpen = ["when", "boolrule"].some((key) => key in raw && raw[key] === "");
  const condition = typeof when === "string" ? when : typeof boolrule === "string" ? boolrule : "";
  const label = typeof name === "string" && name !== "" ? name : condition;
  return {
    ...(label !== "" && { label }),
    ...(condition !== "" && { condition }),
    ...(raw["default"] === true && { isDefault: true }),
    ...(isOpen && { lacksCondition: true }),
  };
}

/** Return the edges, those marked that lead back into what a walk from the start is still inside. */
function marked(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): FlowEdge[] {
  const outgoing = Map.groupBy(edges, (edge) => edge.source);
  const back = new Set<FlowEdge>();
  const entered = new Set<string>();
  const left = new Set<string>();
  for (const root of [START, ...nodes.map((node) => node.id)]) {
    if (entered.has(root)) continue;
    entered.add(root);
    const stack = [{ id: root, edges: outgoing.get(root) ?? [], at: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = top.edges[top.at++];
      if (edge === undefined) {
        left.add(top.id);
        stack.pop();
      } else if (!entered.has(edge.target)) {
        entered.add(edge.target);
        stack.push({ id: edge.target, edges: outgoing.get(edge.target) ?? [], at: 0 });
      } else if (!left.has(edge.target)) back.add(edge);
    }
  }
  return edges.map((edge) => (back.has(edge) ? { ...edge, isBack: true } : edge));
}

/**
 * Return the definition that a drawing stands for.
 *
 * `next` is written where a node leads elsewhere than to the following one, and null where it leads
 * nowhere yet: such a definition is a draft. What says the same as before stays as it was written.
 */
export function documentOf(document: JsonObject, flow: Flow): JsonObject {
  const before = Array.isArray(document["nodes"]) ? (document["nodes"] as readonly Json[]) : [];
  const nodes = flow.nodes.map((node, index) => written(node, flow.nodes[index + 1]?.id ?? END));
  const isSame = before.length === nodes.length && nodes.every((node, at) => node === before[at]);
  const changed: JsonObject = isSame ? document : { ...document, nodes };
  if (isSamePlaces(positionsOf(document["layout"]), flow.positions)) return changed;
  const { layout: _, ...others } = changed;
  const known = new Set([START, END, ...flow.nodes.map((node) => node.id)]);
  const kept = Object.entries(flow.positions).filter(([id]) => known.has(id));
  if (kept.length === 0) return others;
  const whole = kept.map(([id, [x, y]]) => [id, [Math.round(x), Math.round(y)]] as const);
  return { ...others, layout: Object.fromEntries(whole) };
}

function isSamePlaces(before: Positions, after: Positions): boolean {
  const names = Object.keys(before);
  return (
    names.length === Object.keys(after).length &&
    names.every((id) => before[id]?.[0] === after[id]?.[0] && before[id]?.[1] === after[id]?.[1])
  );
}

function written(node: FlowNode, following: string): Json {
  const { raw } = node;
  if (node.kind === "broken" || !isObject(raw)) return raw;
  if (node.branches !== null) {
    const before = branchesOf(raw[node.kind]);
    const after = node.branches.map(writtenBranch);
    const isSame =
      before.length === after.length && before.every((one, index) => one.raw === after[index]);
    return isSame ? raw : { ...raw, [node.kind]: after };
  }
  if (nodeOf(raw, node.id, following).next === node.next) return raw;
  const { next: _, ...others } = raw;
  return node.next === following ? others : { ...others, next: node.next };
}

function writtenBranch({ target, raw }: FlowBranch): Json {
  if (!isObject(raw)) {
    // A parallel branch may be an id alone; junk that leads nowhere stays what it is.
    const before = typeof raw === "string" && raw !== "" ? raw : null;
    return before === target ? raw : (target ?? "");
  }
  if ((raw["next"] ?? null) === target || (target === null && raw["next"] === "")) return raw;
  const { next: _, ...others } = raw;
  return target === null ? others : { ...others, next: target };
}
