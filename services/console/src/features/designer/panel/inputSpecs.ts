import type { Json, JsonObject } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";

/** Types of inputs, in the order in which people ask for them. */
export const INPUT_TYPES = [
  ...(["string", "text", "integer", "number", "boolean", "select", "multi_select"] as const),
  ...(["date", "time", "datetime", "password", "table", "host_list", "user_list"] as const),
  ...(["list", "object", "json"] as const),
] as const;

export type InputType = (typeof INPUT_TYPES)[number];

/** Types that fit into a cell of a table. */
export const COLUMN_TYPES: readonly InputType[] = [
  ...(["string", "text", "integer", "number", "boolean", "select", "date", "time"] as const),
  "datetime",
];

const TEXTS = new Set<string>(["string", "text"]);
const NUMBERS = new Set<string>(["integer", "number"]);
const LISTS = new Set<string>(["multi_select", "table", "host_list", "user_list", "list"]);
const CHOICES = new Set<string>([...TEXTS, ...NUMBERS, "date", "time"]);

/** Which rules make sense for values of a type. */
export function rulesOf(type: string) {
  return {
    hasPattern: TEXTS.has(type),
    hasRange: NUMBERS.has(type),
    hasItems: LISTS.has(type),
    hasChoices: CHOICES.has(type),
    hasOptions: type === "select" || type === "multi_select",
    hasColumns: type === "table",
    hasDefault: type !== "password",
  };
}

/** Return an input as a mapping, also where the name of a type stands for it. */
export function specOf(value: Json): JsonObject {
  if (isObject(value)) return value;
  return { type: typeof value === "string" ? value : "string" };
}

/** Return an input as it is written: the name of its type, where that is all. */
export function writtenSpec(spec: JsonObject): Json {
  const { type = "string", ...more } = spec;
  if (Object.keys(more).length === 0 && typeof type === "string") return type;
  return spec;
}

/** Return an input of another type, without what has no meaning for that. */
export function withType(spec: JsonObject, type: InputType): JsonObject {
  const rules = rulesOf(type);
  const lost = new Set([
    ...(rules.hasPattern ? [] : ["pattern", "pattern_message", "min_length", "max_length"]),
    ...(rules.hasRange ? [] : ["minimum", "maximum"]),
    ...(rules.hasItems ? [] : ["min_items", "max_items"]),
    ...(rules.hasChoices ? [] : ["choices"]),
    ...(rules.hasOptions ? [] : ["options"]),
    ...(rules.hasColumns ? [] : ["columns"]),
    "default",
  ]);
  const kept = Object.fromEntries(Object.entries(spec).filter(([key]) => !lost.has(key)));
  return {
    ...kept,
    type,
    ...(rules.hasOptions && !("options" in kept) && { options: ["a", "b"] }),
    ...(rules.hasColumns && !("columns" in kept) && { columns: { name: "string" } }),
  };
}

export interface Option {
  readonly value: Json;
  readonly label: string;
}

export function optionOf(raw: Json): Option {
  if (!isObject(raw)) return { value: raw, label: "" };
  return { value: raw["value"] ?? "", label: typeof raw["label"] === "string" ? raw["label"] : "" };
}

export function writtenOption({ value, label }: Option): Json {
  return label === "" ? value : { value, label };
}
