import type { OutputUnit } from "@cfworker/json-schema";
import { Validator } from "@cfworker/json-schema";
import { isExpression } from "./loose";
import type { FieldProblem, Json, JsonObject, Schema } from "./types";
import { isObject } from "./yaml";

/** What a value is not, in words of the form; the limit is the one that the schema names. */
export type Fault =
  | "required"
  | "type"
  | "enum"
  | "pattern"
  | "least"
  | "most"
  | "above"
  | "below"
  | "shortest"
  | "longest"
  | "fewest"
  | "mostItems"
  | "unknown"
  | "other";

export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  readonly fault: Fault;
  readonly limit: string;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  type: "type",
  enum: "enum",
  const: "enum",
  pattern: "pattern",
  minimum: "least",
  maximum: "most",
  exclusiveMinimum: "above",
  exclusiveMaximum: "below",
  minLength: "shortest",
  maxLength: "longest",
  minItems: "fewest",
  maxItems: "mostItems",
  minProperties: "fewest",
  maxProperties: "mostItems",
};

/** Faults of what lies around another fault, which says the same more exactly. */
const AROUND = new Set([
  ...["properties", "items", "prefixItems", "$ref", "allOf", "if", "patternProperties"],
  // Of a schema that nothing fits, the library names no place: what refers to it does.
  ...["dependentSchemas", "contains", "false"],
]);

/**
 * Return what is wrong with a value, as far as it stands there: expressions may become anything.
 *
 * Of several ways to write a value, the one is meant to which its constants belong.
 */
export function problemsOf(schema: Schema, value: Json): SchemaProblem[] {
  const validator = new Validator(structuredClone(schema), "2020-12", false);
  const { errors } = validator.validate(value);
  const open = errors.filter((error) => !isExpression(at(value, pathOf(error.instanceLocation))));
  return unique(leaves(open, schema, value));
}

function leaves(errors: readonly OutputUnit[], schema: Schema, value: Json): SchemaProblem[] {
  const unions = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf");
  const outermost = unions.filter(
    (one) => !unions.some((other) => other !== one && isWithin(one, other)),
  );
  const outside = errors.filter(
    (error) => !outermost.some((one) => error === one || isWithin(error, one)),
  );
  return [
    ...outside.flatMap((error) => leaf(error, schema)),
    ...outermost.flatMap((union) => ofUnion(union, errors, schema, value)),
  ];
}

function isWithin(error: OutputUnit, union: OutputUnit): boolean {
  return error.keywordLocation.startsWith(`${union.keywordLocation}/`);
}

function ofUnion(
  union: OutputUnit,
  errors: readonly OutputUnit[],
  schema: Schema,
  value: Json,
): SchemaProblem[] {
  const options = schemaAt(schema, union.keywordLocation);
  const count = Array.isArray(options) ? options.length : 0;
  const branches = Array.from({ length: count }, (_, index) =>
    errors.filter((error) =>
      error.keywordLocation.startsWith(`${union.keywordLocation}/${index}/`),
    ),
  );
  // What is left of a branch are expressions, which may fit.
  if (branches.some((branch) => branch.length === 0)) return [];
  const place = union.instanceLocation;
  const meant = branches.filter(
    (branch) => !branch.some((error) => error.keyword === "const" || isTypeAt(error, place)),
  );
  if (meant.length === 1 && meant[0] !== undefined) return leaves(meant[0], schema, value);
  return [{ path: pathOf(place), fault: "other", limit: "" }];
}

function isTypeAt(error: OutputUnit, place: string): boolean {
  return error.keyword === "type" && error.instanceLocation === place;
}

function leaf(error: OutputUnit, schema: Schema): SchemaProblem[] {
  const path = pathOf(error.instanceLocation);
  if (AROUND.has(error.keyword)) return [];
  const limit = schemaAt(schema, error.keywordLocation);
  const name = /"(.*)"/s.exec(error.error)?.[1] ?? "";
  if (error.keyword === "required")
    return [{ path: [...path, name], fault: "required", limit: "" }];
  if (error.keyword === "additionalProperties") {
    return limit === false ? [{ path: [...path, name], fault: "unknown", limit: "" }] : [];
  }
  const fault = FAULTS[error.keyword] ?? "other";
  return [
    {
      path,
      fault,
      limit: Array.isArray(limit) ? limit.join(", ") : shownLimit(limit),
    },
  ];
}

function shownLimit(limit: Json | undefined): string {
  return typeof limit === "string" ? limit : JSON.stringify(limit ?? "");
}

function unique(problems: readonly SchemaProblem[]): SchemaProblem[] {
  return [...new Map(problems.map((one) => [JSON.stringify(one.path), one])).values()];
}

/** Return the parts of a pointer such as "#/a/0". */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      return /^\d+$/.test(name) ? Number(name) : name;
    });
}

/** Return what stands at a place of a schema, reached through what it refers to. */
function schemaAt(schema: Schema, pointer: string): Json | undefined {
  let found: Json | undefined = schema;
  for (const part of pathOf(pointer)) {
    if (part === "$ref" && isObject(found) && typeof found["$ref"] === "string") {
      found = schemaAt(schema, found["$ref"]);
    } else found = at(found, [part]);
  }
  return found;
}

export function at(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value;
  for (const part of path) {
    if (Array.isArray(found)) found = (found as readonly Json[])[Number(part)];
    else found = isObject(found) ? (found as JsonObject)[part] : undefined;
  }
  return found;
}

export type { FieldProblem };
