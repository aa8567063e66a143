import type { SchemaFaultView } from "@/api/schema";
import type { FieldProblem, Json, JsonObject } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";

/** Return an object with one key set; undefined takes it out. The order of the others stays. */
export function withKey(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [key]: value };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

/** Return an object with one key renamed in its place; the name has to be free. */
export function withName(object: JsonObject, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name === from ? to : name, value]),
  );
}

/** Return an object with one key moved by some places. */
export function moved(object: JsonObject, name: string, by: number): JsonObject {
  const entries = Object.entries(object);
  const from = entries.findIndex(([key]) => key === name);
  const [entry] = entries.splice(from, 1);
  if (entry === undefined) return object;
  entries.splice(Math.min(Math.max(from + by, 0), entries.length), 0, entry);
  return Object.fromEntries(entries);
}

/** Return a node that runs something else; one that was called as what it ran is called as that. */
export function running(
  node: JsonObject,
  key: "plugin" | "subflow",
  reference: string,
  titles: { readonly before: string | undefined; readonly after: string | undefined },
): JsonObject {
  const { before = "", after = "" } = titles;
  const name = asText(node["name"]);
  const number = before !== "" && name.startsWith(before) ? name.slice(before.length) : null;
  const isCalledSo = number !== null && /^(?: \d+)?$/.test(number);
  const changed = { ...node, [key]: reference };
  return isCalledSo && after !== "" ? { ...changed, name: `${after}${number}` } : changed;
}

export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Return text as it is given: nothing where it is empty. */
export function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** Return a length of time as it is written: seconds where it is a number alone. */
export function duration(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  return /^\d+(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

export function nodeOf(definition: JsonObject, id: string): JsonObject | null {
  const found = asList(definition["nodes"]).find((one) => isObject(one) && one["id"] === id);
  return isObject(found) ? found : null;
}

/** Return what is wrong within a node, by its place there. */
export function problemsIn(
  definition: JsonObject,
  nodeId: string,
  faults: readonly SchemaFaultView[],
): FieldProblem[] {
  const index = asList(definition["nodes"]).findIndex(
    (one) => isObject(one) && one["id"] === nodeId,
  );
  return faults
    .filter((fault) => fault.node_id === nodeId || isAt(fault, index))
    .map((fault) => {
      const begin = fault.loc.indexOf("nodes");
      return { path: begin === -1 ? [] : fault.loc.slice(begin + 2), message: fault.msg };
    });
}

function isAt(fault: SchemaFaultView, index: number): boolean {
  const begin = fault.loc.indexOf("nodes");
  return begin === 1 && fault.loc[begin + 1] === index;
}

/** Return what is wrong below a key, by its place there. */
export function below(
  problems: readonly FieldProblem[],
  ...path: readonly (string | number)[]
): FieldProblem[] {
  return problems
    .filter((one) => path.every((part, at) => one.path[at] === part))
    .map((one) => ({ ...one, path: one.path.slice(path.length) }));
}

/** Return what is wrong with the value of a key, as one text. */
export function told(
  problems: readonly FieldProblem[],
  ...path: readonly (string | number)[]
): string | undefined {
  const found = below(problems, ...path);
  return found.length === 0 ? undefined : found.map((one) => one.message).join(" ");
}

/** How a failed node is tried again. */
export interface Retry {
  readonly times: number;
  readonly interval?: Json | undefined;
  readonly factor?: Json | undefined;
  readonly limit?: Json | undefined;
  readonly jitter?: Json | undefined;
  readonly codes?: Json | undefined;
}

export function retryOf(value: Json | undefined): Retry {
  if (typeof value === "number") return { times: value };
  const found = asObject(value);
  return { ...found, times: typeof found["times"] === "number" ? found["times"] : 0 };
}

/** Return how a retry is written: as a number where it says no more than how often. */
export function writtenRetry(retry: Retry): Json | undefined {
  if (retry.times <= 0) return undefined;
  const { times, ...more } = retry;
  const said = Object.entries(more).filter(([, value]) => value !== undefined) as [string, Json][];
  return said.length === 0 ? times : { times, ...Object.fromEntries(said) };
}

export interface Deadline {
  readonly after: Json | undefined;
  readonly action: string;
  readonly notify?: JsonObject | undefined;
}

export function deadlineOf(value: Json | undefined): Deadline {
  if (!isObject(value)) return { after: value, action: "fail" };
  const notify = isObject(value["notify"]) ? value["notify"] : undefined;
  return { after: value["after"], action: asText(value["action"]) || "fail", notify };
}

/** Return how a deadline is written: as a length of time where nothing else is said. */
export function writtenDeadline({ after, action, notify }: Deadline): Json | undefined {
  if (after === undefined) return undefined;
  if (action === "fail") return after;
  return { after, action, ...(action === "notify" && { notify: notify ?? { plugin: "" } }) };
}

/** What a branch of a gateway says besides where it leads. */
export interface Branch {
  readonly next: string;
  readonly name: string;
  readonly kind: "when" | "boolrule" | "default" | "plain";
  readonly condition: string;
}

export function branchOf(raw: Json): Branch {
  if (!isObject(raw)) return { next: asText(raw), name: "", kind: "plain", condition: "" };
  const kind =
    raw["default"] === true
      ? "default"
      : "boolrule" in raw
        ? "boolrule"
        : "when" in raw
          ? "when"
          : "plain";
  return {
    next: asText(raw["next"]),
    name: asText(raw["name"]),
    kind,
    condition: asText(kind === "boolrule" ? raw["boolrule"] : raw["when"]),
  };
}

export function writtenBranch({ next, name, kind, condition }: Branch): Json {
  const target = next === "" ? {} : { next };
  const called = name === "" ? {} : { name };
  if (kind === "default") return { default: true, ...target, ...called };
  if (kind !== "plain") return { [kind]: condition, ...target, ...called };
  return name === "" && next !== "" ? next : { ...target, ...called };
}

const VARIABLE = /^[A-Za-z][A-Za-z0-9_]*$/;
const RESERVED = new Set(["nodes", "instance", "loop", "secrets", "item", "index", "results"]);

/** Tell whether a variable may be called so. */
export function isVariableName(name: string): boolean {
  return VARIABLE.test(name) && !RESERVED.has(name);
}

/** Return a name that is not taken yet. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  if (!known.has(wanted)) return wanted;
  let number = 2;
  while (known.has(`${wanted}_${number}`)) number += 1;
  return `${wanted}_${number}`;
}
