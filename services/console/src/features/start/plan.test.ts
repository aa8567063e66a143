import { expect, test } from "vitest";
import type { SchemaFaultView } from "@/api/schema";
import { labelsOf, mocksOf, PLAIN_MOCK, schemesOf, shownFaults, workNodes, WriteKey } from "./plan";

test("schemes stand in the order of the document", () => {
  expect(
    schemesOf({ schemes: { quick: { keeps: [] }, all: { default: true, description: "All" } } }),
  ).toEqual([
    { name: "quick", description: "", isDefault: false },
    { name: "all", description: "All", isDefault: true },
  ]);
  expect(schemesOf({})).toEqual([]);
});

test("only what does something is given a result", () => {
  const graph = {
    nodes: [
      { id: "start", kind: "start" },
      { id: "a", kind: "activity", name: "Do it", activity: { plugin: "noop", version: "1.0" } },
      { id: "b", kind: "subflow", subflow: { template: "x" } },
      { id: "b.in", kind: "activity", activity: { plugin: "noop", version: "1.0" } },
      { id: "c", kind: "exclusive" },
    ],
  };

  expect(workNodes(graph)).toEqual([
    { id: "a", name: "Do it", runs: "noop@1.0" },
    { id: "b", name: "b", runs: "x" },
  ]);
});

test("canned results are sent as the API takes them", () => {
  expect(
    mocksOf({
      plain: PLAIN_MOCK,
      out: { ...PLAIN_MOCK, outputs: { id: 7 } },
      fail: { ...PLAIN_MOCK, kind: "fail", code: "", message: "No" },
      real: { ...PLAIN_MOCK, kind: "run", outputs: { id: 7 } },
    }),
  ).toEqual({
    out: { outputs: { id: 7 } },
    fail: { failure: { code: "mocked", message: "No" } },
    real: { run: true },
  });
});

test("labels are written as name=value", () => {
  expect(labelsOf(["team=shop", "urgent", "a = b=c"])).toEqual({
    team: "shop",
    urgent: "",
    a: "b=c",
  });
});

test("what is not filled in yet is shown once somebody wants to start", () => {
  const faults = ["missing_input", "invalid_input"].map((type): SchemaFaultView => ({
    loc: [],
    msg: "",
    type,
  }));

  expect(shownFaults(faults, false).map((one) => one.type)).toEqual(["invalid_input"]);
  expect(shownFaults(faults, true)).toHaveLength(2);
});

test("the same write keeps its key until its end is known", () => {
  const key = new WriteKey();
  const first = key.of({ a: 1 });

  expect(key.of({ a: 1 })).toBe(first);
  expect(key.of({ a: 2 })).not.toBe(first);
  const second = key.of({ a: 2 });
  key.renew();
  expect(key.of({ a: 2 })).not.toBe(second);
});
