import { describe, expect, test } from "vitest";
import type { Json } from "@/shared/forms/types";
import {
  below,
  branchOf,
  deadlineOf,
  duration,
  freeName,
  isVariableName,
  moved,
  problemsIn,
  retryOf,
  running,
  told,
  withKey,
  withName,
  writtenBranch,
  writtenDeadline,
  writtenRetry,
} from "./edits";

test("keys keep their order, whatever becomes of one of them", () => {
  const object = { a: 1, b: 2, c: 3 };

  expect(Object.entries(withKey(object, "b", 5))).toEqual([
    ["a", 1],
    ["b", 5],
    ["c", 3],
  ]);
  expect(withKey(object, "b", undefined)).toEqual({ a: 1, c: 3 });
  expect(Object.keys(withName(object, "b", "x"))).toEqual(["a", "x", "c"]);
  expect(Object.keys(moved(object, "c", -1))).toEqual(["a", "c", "b"]);
  expect(Object.keys(moved(object, "c", 5))).toEqual(["a", "b", "c"]);
});

test.each<[string, Json | undefined]>([
  ["30", 30],
  ["1.5", 1.5],
  ["30s", "30s"],
  [" ", undefined],
])("a length of time %j is written as %j", (text, value) => {
  expect(duration(text)).toBe(value);
});

describe("what a definition says is written as it was, as long as it says the same", () => {
  test.each<Json>([3, { times: 3, interval: "10s" }, { times: 1, codes: ["a"] }])(
    "retry %j",
    (value) => {
      expect(writtenRetry(retryOf(value))).toEqual(value);
    },
  );

  test.each<Json>([
    "10m",
    60,
    { after: "1m", action: "skip" },
    { after: 5, action: "notify", notify: { plugin: "x@1.0" } },
  ])("deadline %j", (value) => {
    expect(writtenDeadline(deadlineOf(value))).toEqual(value);
  });

  test.each<Json>([
    "east",
    { next: "east", name: "East" },
    { when: "a > 1", next: "b" },
    { boolrule: "a == 1", next: "b", name: "B" },
    { default: true, next: "end" },
    { when: "a" },
  ])("branch %j", (value) => {
    expect(writtenBranch(branchOf(value))).toEqual(value);
  });

  test("nothing at all is not written", () => {
    expect(writtenRetry({ times: 0 })).toBeUndefined();
    expect(writtenDeadline({ after: undefined, action: "skip" })).toBeUndefined();
  });
});

test("problems are found by the node that they are about, and its key", () => {
  const definition = { nodes: [{ id: "a" }, { id: "b" }] };
  const fault = (loc: (string | number)[], node: string | null) => ({
    loc,
    msg: "wrong",
    type: "x",
    node_id: node,
    line: null,
    column: null,
  });
  const found = problemsIn(definition, "b", [
    fault(["body", "nodes", 1, "inputs", "url"], "b"),
    fault(["body", "nodes", 0, "retry"], "a"),
    fault(["body", "nodes", "b", "subflow"], "b"),
    fault(["body", "nodes", 1, "timeout"], null),
    fault(["body", "inputs", 1], null),
  ]);

  expect(found.map((one) => one.path)).toEqual([["inputs", "url"], ["subflow"], ["timeout"]]);
  expect(below(found, "inputs")).toEqual([{ path: ["url"], message: "wrong" }]);
  expect(told(found, "timeout")).toBe("wrong");
  expect(told(found, "retry")).toBeUndefined();
});

test("names of variables", () => {
  expect(["a", "a_1", "nodes", "1a", "a-b", ""].map(isVariableName)).toEqual([
    ...[true, true, false, false, false, false],
  ]);
  expect(freeName("a", ["a", "a_2"])).toBe("a_3");
});

describe("a node that runs something else", () => {
  const TITLES = { before: "Wait", after: "Notify" };
  const called = (name: string) =>
    running({ id: "a", name, plugin: "sleep@1.0" }, "plugin", "notify@1.0", TITLES);

  test("is called as that, if it was called as what it ran", () => {
    expect(called("Wait")).toEqual({ id: "a", name: "Notify", plugin: "notify@1.0" });
    expect(called("Wait 2")["name"]).toBe("Notify 2");
  });

  test("keeps a name that somebody gave it", () => {
    expect(called("Wait for the night")["name"]).toBe("Wait for the night");
    const unnamed = { id: "a", plugin: "sleep@1.0" };
    expect(running(unnamed, "plugin", "notify@1.0", TITLES)).not.toHaveProperty("name");
    const unknown = { before: undefined, after: "Notify" };
    expect(running({ id: "a", name: "2" }, "plugin", "notify@1.0", unknown)["name"]).toBe("2");
  });
});
