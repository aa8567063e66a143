/** The compiled graph of a version, as the API shows it, in the terms of this screen. */

export type Kind =
  | "start"
  | "end"
  | "activity"
  | "subflow"
  | "exclusive"
  | "parallel"
  | "conditional_parallel"
  | "converge"
  | "map";

export interface Subflow {
  readonly template: string;
  /** Null where each start takes the latest one. */
  readonly version: number | null;
  readonly isInline: boolean;
}

export interface Vertex {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly plugin: string | null;
  readonly queue: string;
  readonly subflow: Subflow | null;
  readonly options: Options;
  /** Null for what is no map. */
  readonly map: { readonly concurrency: number } | null;
}

/** Options that were chosen, by the names of the definition; what has its default is not there. */
export type Options = Readonly<Record<string, unknown>>;

export interface Edge {
  readonly source: string;
  readonly target: string;
  readonly name: string;
  readonly condition: string | null;
  readonly isDefault: boolean;
  readonly isBack: boolean;
}

export interface Graph {
  readonly start: string;
  readonly end: string;
  readonly vertices: ReadonlyMap<string, Vertex>;
  readonly edges: readonly Edge[];
}

type Encoded = Readonly<Record<string, unknown>>;

/** Return the graph that a version's answer holds. */
export function graphOf(encoded: Encoded): Graph {
  const vertices = many(encoded["nodes"]).map(vertexOf);
  return {
    start: text(encoded["start"], "start"),
    end: text(encoded["end"], "end"),
    vertices: new Map(vertices.map((one) => [one.id, one])),
    edges: many(encoded["edges"]).map(edgeOf),
  };
}

function vertexOf(node: Encoded): Vertex {
  const activity = object(node["activity"]);
  const map = object(node["map"]);
  return {
    id: text(node["id"]),
    kind: text(node["kind"]) as Kind,
    name: text(node["name"]),
    plugin: activity === null ? null : `${text(activity["plugin"])}@${text(activity["version"])}`,
    queue: text(activity?.["queue"], "default"),
    subflow: subflowOf(object(node["subflow"])),
    options: optionsOf(node, activity),
    map: map === null ? null : { concurrency: number(map["concurrency"]) ?? DEFAULT_CONCURRENCY },
  };
}

/** Items of a map that are under way at once, unless it says otherwise. */
const DEFAULT_CONCURRENCY = 20;

function subflowOf(encoded: Encoded | null): Subflow | null {
  if (encoded === null) return null;
  return {
    template: text(encoded["template"]),
    version: number(encoded["version"]),
    isInline: encoded["mode"] === "inline",
  };
}

function optionsOf(node: Encoded, activity: Encoded | null): Options {
  return {
    ...object(node["options"]),
    ...only("timeout", activity?.["timeout"]),
    ...only("queue", activity?.["queue"]),
    ...only("loop_limit", node["loop_limit"]),
    ...only("first_match", node["takes_first"]),
    ...only("map", object(node["map"])),
    ...only("export", pairs(node["exports"])),
  };
}

function only(name: string, value: unknown): Options {
  return value === undefined || value === null ? {} : { [name]: value };
}

function pairs(value: unknown): Options | null {
  return Array.isArray(value) ? Object.fromEntries(value as [string, unknown][]) : null;
}

function edgeOf(edge: Encoded): Edge {
  const condition = edge["when"] ?? edge["boolrule"];
  return {
    source: text(edge["from"]),
    target: text(edge["to"]),
    name: text(edge["name"]),
    condition: typeof condition === "string" ? condition : null,
    isDefault: edge["default"] === true,
    isBack: edge["back"] === true,
  };
}

/** Return the edges that leave a node, in the order in which they are tried. */
export function leaving(graph: Graph, id: string): readonly Edge[] {
  return graph.edges.filter((edge) => edge.source === id);
}

/** Return the inline subflow that a node lies in; null for one of the flow itself. */
export function scopeOf(id: string): string | null {
  const dot = id.lastIndexOf(".");
  return dot < 0 ? null : id.slice(0, dot);
}

/** Return what a node is called by people. */
export function nameOf(node: { readonly name: string; readonly id: string }): string {
  if (node.name !== "") return node.name;
  return node.id.slice(node.id.lastIndexOf(".") + 1);
}

function many(value: unknown): readonly Encoded[] {
  return Array.isArray(value) ? (value as Encoded[]) : [];
}

function object(value: unknown): Encoded | null {
  return typeof value === "object" && value !== null ? (value as Encoded) : null;
}

function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
