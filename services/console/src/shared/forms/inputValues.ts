import type { InputField, Json, JsonObject } from "./types";
import { isObject } from "./yaml";

/** Return what a field shows: what is given, else its default. */
export function shownValue(field: InputField, values: JsonObject): Json | undefined {
  const given = values[field.name];
  if (given !== undefined) return given;
  return (field.default as Json) ?? undefined;
}

/** Return the values with one of them given, or no longer. */
export function withValue(values: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...values, [name]: value };
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

/** Return what an emptied text means: nothing given, unless there is a default to be left empty. */
export function givenText(field: InputField, text: string): string | undefined {
  const hasDefault = typeof field.default === "string" && field.default !== "";
  return text === "" && !hasDefault ? undefined : text;
}

/**
 * Return the values of an instance, or of a preset, that fit a form, as a start takes them.
 *
 * Inputs that are gone are left out, and so is what is sealed, which nobody can read.
 */
export function fittingValues(fields: readonly InputField[], found: JsonObject): JsonObject {
  return Object.fromEntries(
    fields.flatMap(({ name, show, type }): [string, Json][] => {
      const value = found[name];
      if (!show || value === undefined || holdsKey(value, "$sealed")) return [];
      if (type !== "password") return holdsKey(value, "$secret") ? [] : [[name, value]];
      const secret = secretOf(value);
      return secret === null ? [] : [[name, { secret }]];
    }),
  );
}

/** Return the name of the secret that a value refers to, however that is written. */
export function secretOf(value: Json | undefined): string | null {
  if (!isObject(value)) return null;
  const name = value["secret"] ?? value["$secret"];
  return typeof name === "string" ? name : null;
}

function holdsKey(value: Json, key: string): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some((one) => holdsKey(one, key));
  if (!isObject(value)) return false;
  return key in value || Object.values(value).some((one) => holdsKey(one, key));
}

/** Return a new row: what its columns begin with. */
export function newRow(columns: readonly InputField[]): JsonObject {
  return Object.fromEntries(
    columns.flatMap(({ name, default: given }): [string, Json][] =>
      given === null || given === undefined ? [] : [[name, given as Json]],
    ),
  );
}

export interface FieldGroup {
  readonly name: string;
  readonly fields: readonly InputField[];
}

/** Return the fields that are asked for, in groups in the order in which they begin. */
export function groupsOf(
  fields: readonly InputField[],
  hidden: ReadonlySet<string>,
): readonly FieldGroup[] {
  const asked = fields.filter((field) => field.show && !hidden.has(field.name));
  const groups = Map.groupBy(asked, (field) => field.group);
  const names = [...groups.keys()].sort((one, other) => Number(one !== "") - Number(other !== ""));
  return names.map((name) => ({ name, fields: groups.get(name) ?? [] }));
}

const PAD = 2;

function two(number: number): string {
  return String(number).padStart(PAD, "0");
}

/** Return a moment as a field for local times shows it; empty for what is none. */
export function localTime(value: Json | undefined): string {
  if (typeof value !== "string") return "";
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return "";
  const date = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Return a local time with its offset from UTC, as inputs want it. */
export function momentOf(local: string): string | undefined {
  const at = new Date(local);
  if (local === "" || Number.isNaN(at.getTime())) return undefined;
  const whole = /:\d\d:\d\d/.test(local) ? local.slice(0, 19) : `${local}:00`;
  return `${whole}${offsetOf(-at.getTimezoneOffset())}`;
}

/** Return minutes as an offset from UTC, such as +01:00. */
export function offsetOf(minutes: number): string {
  const sign = minutes < 0 ? "-" : "+";
  const size = Math.abs(minutes);
  return `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
