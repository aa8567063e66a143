import { expect, test } from "vitest";
import { exampleInputs, fieldsOf, isOpen, partsOf } from "./jsonSchema";

const SCHEMA = {
  $defs: {
    JsonValue: {},
    Retry: {
      description: "How often.",
      properties: { times: { type: "integer", minimum: 1 } },
      required: ["times"],
    },
  },
  properties: {
    url: { type: "string", description: "Where to.", examples: ["http://a.example"] },
    method: { enum: ["GET", "POST"], default: "GET" },
    body: { anyOf: [{ $ref: "#/$defs/JsonValue" }, { type: "null" }], default: null },
    timeout: {
      anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "null" }],
      default: null,
    },
    tags: { type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] } },
    headers: { type: "object", additionalProperties: { type: "string" } },
    retry: { $ref: "#/$defs/Retry" },
    script: { type: "string", maxLength: 9, "x-flowyard-verbatim": true },
  },
  required: ["url", "retry", "script"],
};

const fields = Object.fromEntries(fieldsOf(SCHEMA).map((field) => [field.name, field]));

test("types are said as a programmer reads them, and null is no type of its own", () => {
  expect(Object.fromEntries(Object.values(fields).map((one) => [one.name, one.type]))).toEqual({
    url: "string",
    method: "string",
    body: "any",
    timeout: "number",
    tags: "(string | integer)[]",
    headers: "{name: string}",
    retry: "Retry",
    script: "string",
  });
});

test("defaults, choices and limits are told, also those within alternatives", () => {
  expect(fields["method"]).toMatchObject({ fallback: '"GET"', choices: ['"GET"', '"POST"'] });
  expect(fields["timeout"]).toMatchObject({
    fallback: null,
    limits: [{ kind: "more", value: "0" }],
  });
  expect(fields["script"]).toMatchObject({
    isVerbatim: true,
    isRequired: true,
    limits: [{ kind: "longest", value: "9" }],
  });
  expect(fields["url"]).toMatchObject({ isRequired: true, description: "Where to." });
});

test("parts with fields of their own are listed, and open schemas are known", () => {
  expect(partsOf(SCHEMA)).toMatchObject([
    { name: "Retry", description: "How often.", fields: [{ name: "times", isRequired: true }] },
  ]);
  expect(isOpen(SCHEMA)).toBe(false);
  expect(isOpen({ additionalProperties: true })).toBe(true);
});

test("an example has what is required, and what the schema gives an example of", () => {
  expect(exampleInputs(SCHEMA)).toEqual({
    url: "http://a.example",
    retry: { times: 1 },
    script: "",
  });
});
