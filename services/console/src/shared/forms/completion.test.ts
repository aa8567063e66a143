import { describe, expect, test } from "vitest";
import { expressionStart, offersAt } from "./completion";
import { nodesBefore, scopeAt } from "./scope";
import type { JsonObject, Scope } from "./types";
import { readText } from "./yaml";

const FLOW = `\
key: release
inputs:
  version: string
  region: {type: select, options: [eu, us]}
constants: {base: "http://x"}
computed: {image: "app:\${version}"}
lazy: {late: "\${bundle}"}
nodes:
  - {id: prepare, name: Prepare it, plugin: http_request@1.0, export: {bundle: body}}
  - id: ask-first
    exclusive: [{when: careful, next: approve}, {default: true, next: end}]
  - {id: approve, plugin: approval@1.0, next: each}
  - {id: other, plugin: approval@1.0}
  - {id: each, subflow: x, map: {items: [1]}}
  - {id: last, plugin: assign@1.0, inputs: {values: {made: 1}}}
`;
const definition = readText(FLOW).definition ?? {};

const SCHEMAS: Record<string, JsonObject> = {
  "http_request@1.0": {
    $defs: { Answer: { type: "object", properties: { size: { type: "integer" } } } },
    properties: {
      status: { type: "integer" },
      answer: { anyOf: [{ $ref: "#/$defs/Answer" }, { type: "null" }] },
    },
  },
  "approval@1.0": { properties: { approved: { type: "boolean" } } },
  "assign@1.0": { additionalProperties: true },
};
const known = {
  outputs: (plugin: string) => SCHEMAS[plugin],
  secrets: ["TOKEN"],
  projectVariables: ["zone"],
};

function labels(text: string, scope: Scope, language: "template" | "expression" = "template") {
  const at = text.indexOf("|");
  const whole = text.replace("|", "");
  return offersAt(whole, at, language, scope)?.options.map((one) => one.label) ?? null;
}

function applied(text: string, label: string, scope: Scope): string {
  const at = text.indexOf("|");
  const offers = offersAt(text.replace("|", ""), at, "template", scope);
  const one = offers?.options.find((other) => other.label === label);
  return text.slice(0, offers?.from) + (one?.apply ?? "?") + text.slice(at + 1);
}

const AT_LAST = scopeAt(definition, { node: "last" }, known);

describe("what is known", () => {
  test("are inputs, variables, exports, system variables and secrets", () => {
    const names = AT_LAST.names.map((one) => one.name);

    expect(names).toEqual([
      ...["version", "region", "base", "image", "late", "bundle"],
      ...["nodes", "loop", "instance", "project", "secrets"],
    ]);
    expect(AT_LAST.names[1]).toMatchObject({ kind: "input", detail: "select" });
  });

  test("of nodes are those from which the place is reached", () => {
    expect([...nodesBefore(definition, "each")].sort()).toEqual([
      ...["approve", "ask-first", "other", "prepare"],
    ]);
    expect([...nodesBefore(definition, "approve")].sort()).toEqual(["ask-first", "prepare"]);
    expect(nodesBefore(definition, "prepare").size).toBe(0);
  });

  test("are the node's own outputs where it has ended", () => {
    const scope = scopeAt(definition, { node: "prepare", ownOutputs: true }, known);

    expect(labels("${nodes.|}", scope)).toEqual(["prepare"]);
  });

  test("is the item of a map", () => {
    const scope = scopeAt(definition, { node: "each", isItem: true }, known);

    expect(scope.names.slice(0, 2).map((one) => one.name)).toEqual(["item", "index"]);
  });

  test("of visible_when are inputs only, of computed no nodes", () => {
    expect(scopeAt(definition, "visible_when", known).names.map((one) => one.name)).toEqual([
      ...["version", "region"],
    ]);
    const computed = scopeAt(definition, "computed", known).names.map((one) => one.name);
    expect(computed).not.toContain("nodes");
    expect(computed).not.toContain("late");
  });
});

describe("offers", () => {
  test("names and functions where an expression begins", () => {
    expect(labels("a ${|} b", AT_LAST)).toContain("version");
    expect(labels("a ${ver|} b", AT_LAST)).toContain("len");
    expect(labels("ver|", AT_LAST, "expression")).toContain("version");
  });

  test("outputs behind a node, also deeper", () => {
    expect(labels("${nodes.prepare.|}", AT_LAST)).toEqual([
      ...["status", "answer", "_result", "_loop"],
    ]);
    expect(labels("${nodes.prepare.answer.s|}", AT_LAST)).toEqual(["size"]);
    expect(labels('${nodes["prepare"].answer.|}', AT_LAST)).toEqual(["size"]);
    expect(labels("${nodes.each.|}", AT_LAST)).toContain("results");
    expect(labels("${project.|}", AT_LAST)).toEqual(["zone"]);
    expect(labels("${secrets.|}", AT_LAST)).toEqual(["TOKEN"]);
    expect(labels("${instance.parent.|}", AT_LAST)).toEqual(["id", "node", "attempt"]);
  });

  test("nothing outside of expressions, in texts, or behind what is not known", () => {
    expect(labels("plain |", AT_LAST)).toBeNull();
    expect(labels("${version} |", AT_LAST)).toBeNull();
    expect(labels("$${|", AT_LAST)).toBeNull();
    expect(labels("${'ver|'}", AT_LAST)).toBeNull();
    expect(labels("${version.|}", AT_LAST)).toBeNull();
    expect(labels("${1|}", AT_LAST)).toBeNull();
  });

  test("write what can be read", () => {
    expect(applied("a ${ver|}", "version", AT_LAST)).toBe("a ${version}");
    expect(applied("${nodes.|}", "ask-first", AT_LAST)).toBe('${nodes["ask-first"]}');
    expect(applied("${nodes.pre|}", "prepare", AT_LAST)).toBe("${nodes.prepare}");
    expect(applied('${nodes["ask|}', "ask-first", AT_LAST)).toBe('${nodes["ask-first"]}');
    expect(applied("${nodes.prepare.|}", "_result", AT_LAST)).toBe('${nodes.prepare["_result"]}');
    expect(applied("a $| b", "version", AT_LAST)).toBe("a ${version} b");
  });
});

test("an expression ends at its own brace", () => {
  expect(expressionStart("${ {'a': 1}['a'] ", 17)).toBe(2);
  expect(expressionStart("${a} ${b", 8)).toBe(7);
  expect(expressionStart("${'}' ", 6)).toBe(2);
  expect(expressionStart("${a}", 4)).toBeNull();
});
