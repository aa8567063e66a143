import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isExpression, readLoose, showLoose } from "./loose";
import { beginning, kindOf, optionOf, prepared } from "./schemaKinds";
import { problemsOf } from "./schemaProblems";
import type { Json, JsonObject } from "./types";

/** As pydantic writes them: what the built-in plugins use of JSON Schema, each once at least. */
const SCHEMA = prepared({
  type: "object",
  additionalProperties: false,
  required: ["url"],
  $defs: {
    Bearer: {
      type: "object",
      additionalProperties: false,
      properties: { type: { const: "bearer", default: "bearer" }, token: { type: "string" } },
      required: ["token"],
    },
    Basic: {
      type: "object",
      additionalProperties: false,
      properties: {
        type: { const: "basic", default: "basic" },
        username: { type: "string", minLength: 1 },
      },
      required: ["username"],
    },
    Rule: {
      type: "object",
      properties: { all: { type: "array", items: { $ref: "#/$defs/Rule" } } },
    },
  },
  properties: {
    url: { type: "string", pattern: "^https?://" },
    method: { enum: ["GET", "POST"], type: "string", default: "GET" },
    timeout: { type: "number", exclusiveMinimum: 0, maximum: 60, default: 30 },
    count: {
      anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }],
      default: null,
      title: "N",
    },
    status: {
      type: "array",
      minItems: 1,
      items: { anyOf: [{ type: "integer" }, { type: "string", pattern: "^\\d+-\\d+$" }] },
    },
    auth: {
      anyOf: [{ $ref: "#/$defs/Bearer" }, { $ref: "#/$defs/Basic" }, { type: "null" }],
      default: null,
    },
    headers: { type: "object", additionalProperties: { type: "string" } },
    json: { title: "Json" },
    rule: { anyOf: [{ $ref: "#/$defs/Rule" }, { type: "null" }], default: null },
    follow: { type: "boolean", default: false },
  },
});

function found(value: JsonObject) {
  return problemsOf(SCHEMA, value).map(({ path, fault, limit }) =>
    `${path.join(".")}: ${fault} ${limit}`.trim(),
  );
}

describe("what is wrong with a value", () => {
  test.each<[JsonObject, string[]]>([
    [{ url: "http://x" }, []],
    [{}, ["url: required"]],
    [{ url: "x" }, ["url: pattern ^https?://"]],
    [{ url: "http://x", method: "PUT" }, ["method: enum GET, POST"]],
    [{ url: "http://x", timeout: 0 }, ["timeout: above 0"]],
    [{ url: "http://x", timeout: 61 }, ["timeout: most 60"]],
    [{ url: "http://x", timeout: "5" }, ["timeout: type number"]],
    [{ url: "http://x", count: 0 }, ["count: least 1"]],
    [{ url: "http://x", status: [] }, ["status: fewest 1"]],
    [{ url: "http://x", status: [200, "200-299"] }, []],
    [{ url: "http://x", status: [200, "x"] }, ["status.1: pattern ^\\d+-\\d+$"]],
    [{ url: "http://x", status: [true] }, ["status.0: other"]],
    [{ url: "http://x", auth: { type: "bearer" } }, ["auth.token: required"]],
    [{ url: "http://x", auth: { type: "basic", username: "" } }, ["auth.username: shortest 1"]],
    [{ url: "http://x", headers: { a: 1 } }, ["headers.a: type string"]],
    [{ url: "http://x", rule: { all: [{ all: 1 }] } }, ["rule.all.0.all: type array"]],
    [{ url: "http://x", more: 1 }, ["more: unknown"]],
    [{ url: "http://x", json: [1, { a: null }] }, []],
  ])("%j", (value, expected) => {
    expect(found(value)).toEqual(expected);
  });

  test("is nothing where an expression stands, which may become anything", () => {
    expect(
      found({
        url: "${base}/x",
        method: "${method}",
        timeout: "${seconds}",
        count: "${n}",
        status: ["${code}"],
        auth: { type: "bearer", token: "${secrets.T}" },
        headers: "${headers}",
        rule: "${rule}",
      }),
    ).toEqual([]);
  });

  test("says nothing of a schema twice, and leaves it as it was", () => {
    const before = JSON.stringify(SCHEMA);
    found({ url: 1 });
    expect(JSON.stringify(SCHEMA)).toBe(before);
  });
});

describe("how a schema is filled in", () => {
  const properties = SCHEMA["properties"] as Record<string, JsonObject>;

  test.each([
    ["url", "text"],
    ["method", "choice"],
    ["timeout", "number"],
    ["count", "number"],
    ["status", "list"],
    ["auth", "union"],
    ["headers", "dictionary"],
    ["json", "any"],
    ["follow", "boolean"],
  ])("%s: %s", (name, kind) => {
    expect(kindOf(properties[name] ?? {})).toBe(kind);
  });

  test("what may be null is what it is otherwise", () => {
    expect(properties["count"]).toEqual({ type: "integer", minimum: 1, title: "N" });
    expect(kindOf({ anyOf: [{ type: "integer" }, { type: "string" }] })).toBe("scalar");
  });

  test("an option is known by its constants, else by its keys", () => {
    const options = Object.values(SCHEMA["$defs"] as Record<string, JsonObject>);

    expect(optionOf({ type: "basic" }, options)).toBe(1);
    expect(optionOf({ token: "x" }, options)).toBe(0);
    expect(optionOf(undefined, options)).toBe(-1);
    expect(beginning(options[0] ?? {})).toEqual({ type: "bearer" });
  });
});

describe("text that stands for any value", () => {
  const values = fc.jsonValue() as fc.Arbitrary<Json>;

  test("means what it was written for", () => {
    fc.assert(
      fc.property(fc.oneof(values, fc.string()), (value) => {
        expect(readLoose(showLoose(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each<[string, Json | undefined]>([
    ["5", 5],
    ['"5"', "5"],
    ["true", true],
    ["plain", "plain"],
    ["${x}", "${x}"],
    ['{"a": 1}', { a: 1 }],
    ['{"a": ', undefined],
    ["[1", undefined],
    ["", ""],
  ])("%j is %j", (text, value) => {
    expect(readLoose(text)).toEqual(value);
  });

  test("an expression is told from what only looks like one", () => {
    expect(isExpression("a ${b}")).toBe(true);
    expect(isExpression("a $${b}")).toBe(false);
    expect(isExpression(1)).toBe(false);
  });
});
