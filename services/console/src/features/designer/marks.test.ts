import { expect, test } from "vitest";
import type { SchemaFaultView } from "@/api/schema";
import { flowOf } from "@/canvas/flow";
import { NOTHING_DRAWN, looksOf, marksOf } from "./marks";

function fault(change: Partial<SchemaFaultView>): SchemaFaultView {
  return { loc: [], msg: "", type: "x", node_id: null, line: null, column: null, ...change };
}

const FLOW = flowOf({
  nodes: [
    { id: "a", plugin: "noop@1.0" },
    { id: "b", plugin: "noop@1.0", next: null },
    { id: "g", parallel: [] },
  ],
});

test("a node that leads nowhere is told so once, not of the writing of its next", () => {
  const marks = marksOf(FLOW, [
    fault({ loc: ["body", "nodes", 1, "next"], node_id: "b", msg: "Expected text" }),
    fault({ loc: ["body", "nodes", 2, "parallel"], node_id: "g", type: "missing_key" }),
  ]);
  expect(marks.map(({ node, code }) => [node, code])).toEqual([
    ["b", "leads_nowhere"],
    ["g", "leads_nowhere"],
  ]);
});

test("what names no node is told of the node at its place, or of the flow as a whole", () => {
  const marks = marksOf(FLOW, [
    fault({ loc: ["body", "nodes", 0, "inputs"] }),
    fault({ loc: ["body", "title"] }),
  ]);
  expect(marks.slice(2).map(({ node }) => node)).toEqual(["a", null]);
});

test("a flow that nothing is drawn in yet says so, and nothing of what is missing", () => {
  const missing = fault({ loc: ["body", "nodes"], type: "missing_key" });
  expect(marksOf(flowOf({ nodes: [] }), [missing]).map(({ code }) => code)).toEqual([
    NOTHING_DRAWN,
  ]);
  const key = fault({ loc: ["body", "key"], type: "missing_key" });
  expect(marksOf(flowOf({ nodes: [] }), [key]).map(({ code }) => code)).toEqual(["missing_key"]);
});

test("a node shows everything that is wrong with it", () => {
  const marks = marksOf(FLOW, [
    fault({ node_id: "a", msg: "One" }),
    fault({ node_id: "a", msg: "Two" }),
  ]);
  expect(looksOf(marks, ({ message }) => message)["a"]).toEqual({ problem: "One\nTwo" });
});
