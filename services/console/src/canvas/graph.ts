/** A version's compiled graph as a drawing: converges that a definition leaves out are in it. */

import type { Flow, FlowEdge, FlowNode, Json, JsonObject, NodeKind, Positions } from "./flow";
import { END, START, edgeId, flowOf, isObject } from "./flow";

/**
 * Return the drawing of a graph.
 *
 * An inline subflow is one node of it, as any other subflow: what is inside is not drawn. It is for
 * looking at: a definition is not written from it. Positions are those of the document that it was
 * compiled from.
 */
export function flowOfGraph(graph: JsonObject, document: JsonObject = {}): Flow {
  const nodes = list(graph["nodes"]).flatMap((raw) => {
    const node = graphNode(raw);
    if (node === null || node.kind === "start" || node.kind === "end") return [];
    return isInner(node.id) ? [] : [node];
  });
  const counts = new Map<string, number>();
  const outer = list(graph["edges"]).filter(
    ({ from, to }) => !isInner(text(from)) && !isInner(text(to)),
  );
  const edges = outer.map((raw) => {
    const source = renamed(graph, text(raw["from"]));
    const branch = counts.get(source) ?? 0;
    counts.set(source, branch + 1);
    return graphEdge(raw, source, renamed(graph, text(raw["to"])), branch);
  });
  return { nodes, edges, positions: placed(nodes, document) };
}

/** Whether a node lies in an inline subflow: it is called `<id of the subflow>.<its own id>`. */
function isInner(id: string): boolean {
  return id.includes(".");
}

function placed(nodes: readonly FlowNode[], document: JsonObject): Positions {
  const { positions } = flowOf(document);
  // Where something is drawn that nobody has placed, all is laid out: it would lie on the others.
  const isWhole = nodes.every((node) => node.id in positions);
  return isWhole ? positions : {};
}

function graphNode(raw: JsonObject): FlowNode | null {
  const id = text(raw["id"]);
  if (id === "") return null;
  const name = text(raw["name"]);
  const { activity, subflow } = raw;
  const runs = isObject(activity)
    ? `${text(activity["plugin"])}@${text(activity["version"])}`
    : isObject(subflow)
      ? text(subflow["template"])
      : "";
  return {
    id,
    kind: text(raw["kind"]) as NodeKind,
    title: name === "" ? id : name,
    subtitle: runs,
    raw,
    next: null,
    branches: null,
  };
}

function graphEdge(raw: JsonObject, source: string, target: string, branch: number): FlowEdge {
  const condition = text(raw["when"] ?? raw["boolrule"]);
  const label = text(raw["name"]) === "" ? condition : text(raw["name"]);
  return {
    id: edgeId(source, branch),
    source,
    target,
    branch,
    ...(label !== "" && { label }),
    ...(condition !== "" && { condition }),
    ...(raw["default"] === true && { isDefault: true }),
    ...(raw["back"] === true && { isBack: true }),
  };
}

/** Start and end are called so in drawings, whatever a graph calls them. */
function renamed(graph: JsonObject, id: string): string {
  if (id === graph["start"]) return START;
  return id === graph["end"] ? END : id;
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => isObject(one)) : [];
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
