/** What people read of a JSON Schema: one row per field. */

export type Schema = Readonly<Record<string, unknown>>;

export interface Limit {
  readonly kind: "least" | "more" | "most" | "less" | "shortest" | "longest" | "pattern" | "format";
  readonly value: string;
}

export interface Field {
  readonly name: string;
  /** As a programmer reads it: "string | integer", "HttpMethod", "string[]". */
  readonly type: string;
  /** The values that may stand there, where these are named. */
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  /** As JSON; null without one. */
  readonly fallback: string | null;
  readonly description: string;
  readonly limits: readonly Limit[];
  /** Whether "${...}" is left as it stands. */
  readonly isVerbatim: boolean;
}

/** A part that fields name as their type. */
export interface Part {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly Field[];
}

const VERBATIM = "x-flowyard-verbatim";

const LIMITS = {
  minimum: "least",
  exclusiveMinimum: "more",
  maximum: "most",
  exclusiveMaximum: "less",
  minLength: "shortest",
  minItems: "shortest",
  maxLength: "longest",
  maxItems: "longest",
  pattern: "pattern",
  format: "format",
} as const;

/** Return the fields of an object's schema, in their order. */
export function fieldsOf(schema: Schema): readonly Field[] {
  const required = new Set(list(schema["required"]));
  return Object.entries(object(schema["properties"])).map(([name, given]) => {
    const field = object(given);
    return {
      name,
      type: typeOf(field),
      choices: choicesOf(field),
      isRequired: required.has(name),
      fallback: fallbackOf(field),
      description: text(field["description"]),
      limits: [field, ...options(field)].flatMap(limitsOf),
      isVerbatim: field[VERBATIM] === true,
    };
  });
}

/** Return the parts that a schema's fields may name, by their name. */
export function partsOf(schema: Schema): readonly Part[] {
  return Object.entries(object(schema["$defs"]))
    .map(([name, given]) => ({ name, schema: object(given) }))
    .filter(({ schema: part }) => part["properties"] !== undefined)
    .map(({ name, schema: part }) => ({
      name,
      description: text(part["description"]),
      fields: fieldsOf(part),
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Tell whether names that the schema does not list are taken, too. */
export function isOpen(schema: Schema): boolean {
  const more = schema["additionalProperties"];
  return more === true || (typeof more === "object" && more !== null);
}

function typeOf(field: Schema): string {
  const reference = field["$ref"];
  if (typeof reference === "string") {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    return name === "JsonValue" ? "any" : name;
  }
  const several = options(field).filter((one) => one["type"] !== "null");
  if (several.length > 0) return [...new Set(several.map(typeOf))].join(" | ");
  if (field["const"] !== undefined) return typeof field["const"];
  if (Array.isArray(field["enum"])) return typeof field["enum"][0];
  const type = field["type"];
  if (type === "array") {
    const item = typeOf(object(field["items"]));
    return item.includes(" ") ? `(${item})[]` : `${item}[]`;
  }
  const more = field["additionalProperties"];
  if (type === "object" && typeof more === "object" && more !== null) {
    return `{name: ${typeOf(object(more))}}`;
  }
  return typeof type === "string" ? type : "any";
}

function choicesOf(field: Schema): readonly string[] {
  if (Array.isArray(field["enum"])) return field["enum"].map((one) => JSON.stringify(one));
  if (field["const"] !== undefined) return [JSON.stringify(field["const"])];
  return [...new Set(options(field).flatMap(choicesOf))];
}

function fallbackOf(field: Schema): string | null {
  const value = field["default"];
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function limitsOf(field: Schema): readonly Limit[] {
  return Object.entries(LIMITS).flatMap(([key, kind]) => {
    const value = field[key];
    return typeof value === "number" || typeof value === "string"
      ? [{ kind, value: String(value) }]
      : [];
  });
}

function options(field: Schema): readonly Schema[] {
  return [field["anyOf"], field["oneOf"]].flatMap((given) =>
    Array.isArray(given) ? given.map(object) : [],
  );
}

function object(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Schema)
    : {};
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What stands for a value of a type where the schema gives no example. */
const BLANKS: Readonly<Record<string, unknown>> = {
  string: "",
  integer: 0,
  number: 0,
  boolean: false,
  array: [],
  object: {},
};

/**
 * Return inputs to begin with: every field that is required, and those with an example.
 *
 * A field's own example goes before its default, and both before a blank of its type.
 */
export function exampleInputs(schema: Schema): Readonly<Record<string, unknown>> {
  const required = new Set(list(schema["required"]));
  const definitions = object(schema["$defs"]);
  return Object.fromEntries(
    Object.entries(object(schema["properties"]))
      .map(([name, given]) => [name, object(given)] as const)
      .filter(([name, field]) => required.has(name) || exampleOf(field) !== undefined)
      .map(([name, field]) => [name, exampleOf(field) ?? blankOf(field, definitions)]),
  );
}

function exampleOf(field: Schema): unknown {
  const examples = field["examples"];
  return Array.isArray(examples) ? examples[0] : undefined;
}

function blankOf(field: Schema, definitions: Schema): unknown {
  if (field["default"] !== undefined) return field["default"];
  if (field["const"] !== undefined) return field["const"];
  if (Array.isArray(field["enum"])) return field["enum"][0];
  const reference = field["$ref"];
  if (typeof reference === "string") {
    const part = object(definitions[reference.slice(reference.lastIndexOf("/") + 1)]);
    return part["properties"] === undefined
      ? blankOf(part, {})
      : exampleInputs({ ...part, $defs: definitions });
  }
  const [first] = options(field);
  if (first !== undefined) return blankOf(first, definitions);
  const least = field["minimum"] ?? field["exclusiveMinimum"];
  if (typeof least === "number") return field["minimum"] === undefined ? least + 1 : least;
  return BLANKS[text(field["type"])] ?? "";
}
