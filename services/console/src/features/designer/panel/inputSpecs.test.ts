import { expect, test } from "vitest";
import type { Json } from "@/shared/forms/types";
import {
  INPUT_TYPES,
  optionOf,
  rulesOf,
  specOf,
  withType,
  writtenOption,
  writtenSpec,
} from "./inputSpecs";

test.each<Json>(["string", "password", { type: "select", options: ["a"] }, { default: "x" }])(
  "an input that is not changed is written as it was: %j",
  (value) => {
    expect(writtenSpec(specOf(value))).toEqual(value);
  },
);

test("another type takes what has no meaning for it away, and brings what it needs", () => {
  const text = { type: "string", label: "L", pattern: "a+", default: "a", min_length: 1 };

  expect(withType(text, "select")).toEqual({ type: "select", label: "L", options: ["a", "b"] });
  expect(withType(text, "table")).toEqual({
    type: "table",
    label: "L",
    columns: { name: "string" },
  });
  expect(withType(text, "text")).toEqual({
    type: "text",
    label: "L",
    pattern: "a+",
    min_length: 1,
  });
  for (const type of INPUT_TYPES) expect(withType(text, type)["type"]).toBe(type);
});

test("only passwords have no default", () => {
  expect(INPUT_TYPES.filter((type) => !rulesOf(type).hasDefault)).toEqual(["password"]);
});

test.each<Json>(["eu", 5, { value: "eu", label: "Europe" }])(
  "an option stays as it was: %j",
  (raw) => {
    expect(writtenOption(optionOf(raw))).toEqual(raw);
  },
);
