import type { SchemaFaultView } from "@/api/schema";
import type { Json, JsonObject } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";

export interface Scheme {
  readonly name: string;
  readonly description: string;
  readonly isDefault: boolean;
}

/** Return the execution schemes of a canonical document, in its order. */
export function schemesOf(document: JsonObject): readonly Scheme[] {
  const schemes = document["schemes"];
  if (!isObject(schemes)) return [];
  return Object.entries(schemes).map(([name, one]) => ({
    name,
    description: isObject(one) && typeof one["description"] === "string" ? one["description"] : "",
    isDefault: isObject(one) && one["default"] === true,
  }));
}

export interface WorkNode {
  readonly id: string;
  readonly name: string;
  readonly runs: string;
}

/** Kinds of nodes that do something, and so may be given a result instead. */
const WORK = new Set(["activity", "subflow", "map"]);

/** Return the nodes of a compiled graph that do something, without those of inline subflows. */
export function workNodes(graph: JsonObject): readonly WorkNode[] {
  const nodes = Array.isArray(graph["nodes"]) ? (graph["nodes"] as readonly Json[]) : [];
  return nodes.filter(isObject).flatMap((node) => {
    const { id, kind, name, activity, subflow } = node;
    if (typeof id !== "string" || typeof kind !== "string" || !WORK.has(kind) || id.includes("."))
      return [];
    const runs = isObject(activity)
      ? `${text(activity["plugin"])}@${text(activity["version"])}`
      : isObject(subflow)
        ? text(subflow["template"])
        : "";
    return [{ id, name: typeof name === "string" && name !== "" ? name : id, runs }];
  });
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What a dry run is told of one node. */
export interface Mock {
  readonly kind: "succeed" | "fail" | "run";
  readonly outputs: Json | undefined;
  readonly code: string;
  readonly message: string;
}

export const PLAIN_MOCK: Mock = {
  kind: "succeed",
  outputs: undefined,
  code: "mocked",
  message: "",
};

/** Return the canned results of a dry run; a node that just succeeds need not be named. */
export function mocksOf(mocks: Readonly<Record<string, Mock>>): JsonObject {
  return Object.fromEntries(
    Object.entries(mocks).flatMap(([id, mock]): [string, JsonObject][] => {
      const { kind, outputs, code, message } = mock;
      if (kind === "run") return [[id, { run: true }]];
      if (kind === "fail") {
        const told = message === "" ? {} : { message };
        return [[id, { failure: { code: code === "" ? PLAIN_MOCK.code : code, ...told } }]];
      }
      return isObject(outputs) ? [[id, { outputs }]] : [];
    }),
  );
}

/** Return labels written as `name=value`; a name alone has an empty value. */
export function labelsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      return at === -1 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
}

/** Return the faults to be shown: what is only not filled in yet is no mistake before the start. */
export function shownFaults(
  faults: readonly SchemaFaultView[],
  isAsked: boolean,
): readonly SchemaFaultView[] {
  return isAsked ? faults : faults.filter((fault) => fault.type !== "missing_input");
}

/** Return the key of a write: the same one for as long as nobody knows what became of it. */
export class WriteKey {
  #key = crypto.randomUUID();
  #body = "";

  of(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.#body) this.renew();
    this.#body = text;
    return this.#key;
  }

  renew(): void {
    this.#key = crypto.randomUUID();
  }
}
