import { expect, test } from "vitest";
import { inKind, inLine, isName, readValue, writtenOf } from "./values";

test.each(["eu", "", "3", 3, -1.5, true, false, null, [1, "a"], { a: { b: [] } }])(
  "what is shown of %j is read as the same value",
  (value) => {
    expect(readValue(writtenOf(value))).toEqual({ ok: true, value });
  },
);

test("what is no value of its kind is told", () => {
  expect(readValue({ kind: "number", text: "three" })).toEqual({ ok: false, problem: "number" });
  expect(readValue({ kind: "number", text: " " })).toEqual({ ok: false, problem: "number" });
  expect(readValue({ kind: "json", text: "{" })).toEqual({ ok: false, problem: "json" });
});

test("a change of kind keeps what can be read as the new one", () => {
  expect(inKind({ kind: "text", text: "12" }, "number").text).toBe("12");
  expect(inKind({ kind: "text", text: "twelve" }, "number").text).toBe("");
  expect(inKind({ kind: "text", text: "eu" }, "json").text).toBe('"eu"');
  expect(inKind({ kind: "json", text: '"eu"' }, "text").text).toBe("eu");
  expect(inKind({ kind: "number", text: "1" }, "boolean").text).toBe("false");
});

test("a list shows a value in one line, and text as it is", () => {
  expect(inLine("a b")).toBe("a b");
  expect(inLine({ a: [1] })).toBe('{"a":[1]}');
});

test("names are those that the API takes", () => {
  expect(["region", "A_1", "_x", "1x", "a-b", ""].map(isName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
