import type { Json, JsonObject, Schema } from "./types";
import { isObject } from "./yaml";

/** Stands in the schema of a text in which nothing is replaced. */
export const VERBATIM = "x-flowyard-verbatim";

export type SchemaKind =
  | "any"
  | "dictionary"
  | "text"
  | "scalar"
  | "union"
  | "object"
  | "list"
  | "choice"
  | "number"
  | "boolean"
  | "constant";

const SCALARS = new Set(["string", "integer", "number", "boolean"]);

/** Return a schema that may be changed, without what is said only for those that send null. */
export function prepared(schema: Schema): Schema {
  return walked(schema) as Schema;
}

function walked(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(walked);
  if (!isObject(value)) return value;
  const found = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walked(one)]));
  return withoutNull(found);
}

function withoutNull(schema: JsonObject): JsonObject {
  const key = "anyOf" in schema ? "anyOf" : "oneOf";
  const options = schema[key];
  if (!Array.isArray(options)) return schema;
  const some = (options as readonly Json[]).filter(
    (one) => !isObject(one) || one["type"] !== "null",
  );
  if (some.length === options.length) return schema;
  const { [key]: _options, default: given, ...others } = schema;
  const kept = given === null || given === undefined ? others : { ...others, default: given };
  const [only] = some;
  if (some.length === 1 && isObject(only)) return { ...only, ...kept };
  return { ...kept, [key]: some };
}

/** Return how a schema, what it refers to resolved, is filled in. */
export function kindOf(schema: JsonObject): SchemaKind {
  if ("const" in schema) return "constant";
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) return ofOptions(options as readonly Json[]);
  if (Array.isArray(schema["enum"])) return "choice";
  const type = schema["type"];
  if (Array.isArray(type))
    return type.every((one) => typeof one === "string" && SCALARS.has(one)) ? "scalar" : "any";
  if (type === "object" || (type === undefined && isObject(schema["properties"]))) {
    return isObject(schema["properties"]) && Object.keys(schema["properties"]).length > 0
      ? "object"
      : "dictionary";
  }
  if (type === "array") return isObject(schema["items"]) ? "list" : "any";
  if (type === "string") return "text";
  if (type === "integer" || type === "number") return "number";
  return type === "boolean" ? "boolean" : "any";
}

function ofOptions(options: readonly Json[]): SchemaKind {
  const isScalar = options.every(
    (one) => isObject(one) && (isScalarType(one["type"]) || "const" in one || "enum" in one),
  );
  return isScalar ? "scalar" : "union";
}

function isScalarType(type: Json | undefined): boolean {
  return typeof type === "string" && SCALARS.has(type);
}

/** Return what a new value of a schema begins with: what it cannot be without. */
export function beginning(schema: JsonObject): Json {
  if (schema["type"] === "array") return [];
  const properties = schema["properties"];
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, one]): [string, Json][] =>
      isObject(one) && one["const"] !== undefined ? [[name, one["const"]]] : [],
    ),
  );
}

/** Return which option of a union a value is one of: by its constants, else its keys. */
export function optionOf(value: Json | undefined, options: readonly JsonObject[]): number {
  if (value === undefined) return -1;
  const scores = options.map((option) => score(value, option));
  const best = Math.max(...scores);
  return best < 0 ? -1 : scores.indexOf(best);
}

function score(value: Json, option: JsonObject): number {
  const type = option["type"];
  if (!isObject(value)) return matches(value, type) ? 1 : -1;
  const properties = option["properties"];
  if (!isObject(properties)) return type === "object" || type === undefined ? 0 : -1;
  let found = 0;
  for (const [name, one] of Object.entries(value)) {
    const property = properties[name];
    if (isObject(property) && "const" in property) {
      if (property["const"] !== one) return -1;
      found += 100;
    } else found += property === undefined ? -1 : 1;
  }
  return Math.max(found, 0);
}

function matches(value: Json, type: Json | undefined): boolean {
  if (type === undefined) return true;
  if (Array.isArray(value)) return type === "array";
  if (typeof value === "number")
    return type === "number" || (type === "integer" && value % 1 === 0);
  return type === typeof value || (value === null && type === "null");
}
