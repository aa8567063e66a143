import fc from "fast-check";
import { expect, test } from "vitest";
import { isKey, keyOf } from "./key";

test.each([
  ["My first flow", "my-first-flow"],
  ["Über: Größe 2!", "uber-gro-e-2"],
  ["2 hosts", "hosts"],
  ["发布服务", "flow"],
  ["", "flow"],
])("%j is called %j", (title, key) => {
  expect(keyOf(title)).toBe(key);
});

test("whatever a template is called, the API takes its key", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (title) => isKey(keyOf(title))));
});
