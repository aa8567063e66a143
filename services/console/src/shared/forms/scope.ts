import { END, flowOf, START } from "@/canvas/flow";
import type { Json, JsonObject, KnownKind, KnownName, Schema, Scope } from "./types";
import { isObject } from "./yaml";

/** What is known of a flow besides what it says itself. */
export interface Knowledge {
  /** Schema of what a plugin puts out, by `name@version`. */
  readonly outputs: (plugin: string) => Schema | undefined;
  /** Names of the project's secrets. */
  readonly secrets: readonly string[];
  readonly projectVariables: readonly string[];
}

export const NO_KNOWLEDGE: Knowledge = {
  outputs: () => undefined,
  secrets: [],
  projectVariables: [],
};

/** Which names a place of a definition knows. */
export type PlaceIn =
  /** A node's inputs, options and, of a gateway, conditions. */
  | { readonly node: string; readonly isItem?: boolean; readonly ownOutputs?: boolean }
  | "computed"
  | "lazy"
  | "outputs"
  /** The condition under which an input is asked for. */
  | "visible_when";

const MOST_DEPTH = 4;

const INSTANCE: readonly KnownName[] = [
  ...["id", "name", "project", "actor", "started_at", "template", "url"].map((name) => ({
    name,
    kind: "system" as const,
  })),
  {
    name: "parent",
    kind: "system",
    below: ["id", "node", "attempt"].map((name) => ({ name, kind: "system" as const })),
  },
];

const MAP_OUTPUTS = ["results", "statuses", "failed", "count", "succeeded"];

/** Return what may be named at a place of a definition, the likeliest first. */
export function scopeAt(definition: JsonObject, place: PlaceIn, known: Knowledge): Scope {
  const inputs = names(definition["inputs"], "input", typeOf);
  if (place === "visible_when") return { names: inputs };
  const made = [
    ...inputs,
    ...names(definition["constants"], "constant", shown),
    ...names(definition["computed"], "computed", shown),
  ];
  const system = systemNames(known);
  if (place === "computed") return { names: unique([...made, ...system]) };
  const isAtNode = typeof place === "object";
  const before = isAtNode ? nodesBefore(definition, place.node, place.ownOutputs) : null;
  const nodes = nodesOf(definition).filter((node) => before?.has(idOf(node)) ?? true);
  const item: KnownName[] =
    isAtNode && place.isItem === true
      ? [
          { name: "item", kind: "item" },
          { name: "index", kind: "item" },
        ]
      : [];
  return {
    names: unique([
      ...item,
      ...made,
      ...names(definition["lazy"], "lazy", shown),
      ...nodes.flatMap((node) => names(node["export"], "export", () => idOf(node))),
      { name: "nodes", kind: "node", below: nodes.flatMap((node) => nodeName(node, known)) },
      ...(isAtNode ? [{ name: "loop", kind: "system" as const }] : []),
      ...system,
    ]),
  };
}

function systemNames(known: Knowledge): KnownName[] {
  return [
    { name: "instance", kind: "system", below: INSTANCE },
    { name: "project", kind: "project", below: plain(known.projectVariables, "project") },
    { name: "secrets", kind: "secret", below: plain(known.secrets, "secret") },
  ];
}

function plain(found: readonly string[], kind: KnownKind): KnownName[] {
  return found.map((name) => ({ name, kind }));
}

function names(value: Json | undefined, kind: KnownKind, detail: (value: Json) => string) {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, one]): KnownName => ({
    name,
    kind,
    detail: detail(one),
  }));
}

function unique(found: readonly KnownName[]): KnownName[] {
  return [...new Map(found.map((one) => [one.name, one])).values()];
}

function typeOf(value: Json): string {
  if (typeof value === "string") return value;
  return isObject(value) && typeof value["type"] === "string" ? value["type"] : "string";
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nodesOf(definition: JsonObject): JsonObject[] {
  const nodes = definition["nodes"];
  return Array.isArray(nodes) ? (nodes as readonly Json[]).filter(isObject) : [];
}

function idOf(node: JsonObject): string {
  return typeof node["id"] === "string" ? node["id"] : "";
}

/** Return the ids of the nodes from which a node can be reached. */
export function nodesBefore(
  definition: JsonObject,
  nodeId: string,
  isIncluded = false,
): ReadonlySet<string> {
  const incoming = Map.groupBy(flowOf(definition).edges, (edge) => edge.target);
  const found = new Set<string>();
  const pending = [nodeId];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const { source } of incoming.get(id) ?? []) {
      if (found.has(source) || source === START || source === END) continue;
      found.add(source);
      pending.push(source);
    }
  }
  if (isIncluded) found.add(nodeId);
  return found;
}

function nodeName(node: JsonObject, known: Knowledge): KnownName[] {
  const id = idOf(node);
  if (id === "") return [];
  const name = node["name"];
  const outputs = outputsOf(node, known);
  return [
    {
      name: id,
      kind: "node",
      ...(typeof name === "string" && { detail: name }),
      below: [
        ...outputs,
        { name: "_result", kind: "output", detail: "boolean" },
        { name: "_loop", kind: "output", detail: "integer" },
      ],
    },
  ];
}

/** Return what a node puts out, as far as that is known. */
export function outputsOf(node: JsonObject, known: Knowledge): readonly KnownName[] {
  if (isObject(node["map"])) return plain(MAP_OUTPUTS, "output");
  if (typeof node["plugin"] !== "string") return [];
  const schema = known.outputs(node["plugin"]);
  if (schema === undefined) return [];
  const own = node["plugin"].startsWith("assign@") && isObject(node["inputs"]);
  const assigned = own ? names((node["inputs"] as JsonObject)["values"], "output", shown) : [];
  return [...fieldsOf(schema, schema, 0), ...assigned];
}

function fieldsOf(schema: Json, root: Schema, depth: number): KnownName[] {
  const found = resolved(schema, root);
  if (!isObject(found["properties"]) || depth >= MOST_DEPTH) return [];
  return Object.entries(found["properties"]).map(([name, one]) => {
    const field = resolved(one, root);
    const below = fieldsOf(field, root, depth + 1);
    return {
      name,
      kind: "output",
      detail: schemaType(field),
      ...(below.length > 0 && { below }),
    };
  });
}

/** Return what a schema refers to; of one that may be null, what it is otherwise. */
function resolved(schema: Json, root: Schema): JsonObject {
  if (!isObject(schema)) return {};
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const name = reference.replace("#/$defs/", "");
    const definitions = root["$defs"];
    const found = isObject(definitions) ? definitions[name] : undefined;
    return isObject(found) ? found : {};
  }
  const options = schema["anyOf"] ?? schema["allOf"];
  if (Array.isArray(options)) {
    const some = (options as readonly Json[]).filter(
      (one) => isObject(one) && one["type"] !== "null",
    );
    if (some.length === 1) return resolved(some[0] ?? {}, root);
  }
  return schema;
}

function schemaType(schema: JsonObject): string {
  if (typeof schema["type"] === "string") return schema["type"];
  return Array.isArray(schema["enum"]) ? schema["enum"].map(String).join(" | ") : "";
}
