import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { definitions, drafts } from "./arbitrary";
import type { JsonObject } from "./flow";
import { documentOf, flowOf, flowWith } from "./flow";
import { flowOfGraph } from "./graph";

/** Order of keys included: what people have written stays as they wrote it. */
function text(document: JsonObject): string {
  return JSON.stringify(document);
}

describe("a definition that is drawn and written again", () => {
  test("is the same, to the letter, if nothing was changed", () => {
    fc.assert(
      fc.property(definitions, (document) => {
        expect(text(documentOf(document, flowOf(document)))).toBe(text(document));
      }),
      { numRuns: 500 },
    );
  });

  test("is the same, whatever stands among its nodes", () => {
    fc.assert(
      fc.property(drafts, (document) => {
        expect(documentOf(document, flowOf(document))).toBe(document);
      }),
      { numRuns: 500 },
    );
  });

  test("is the same drawing, if its nodes are listed in another order", () => {
    fc.assert(
      fc.property(definitions, fc.infiniteStream(fc.nat()), (document, numbers) => {
        const flow = flowOf(document);
        const [first, ...others] = flow.nodes;
        if (first === undefined) return;
        const ranks = [...numbers.take(others.length)];
        const shuffled = others
          .map((node, index) => ({ node, at: ranks[index] ?? 0 }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ node }) => node);
        const again = flowOf(documentOf(document, flowWith([first, ...shuffled], flow.positions)));
        const ways = (edges: typeof flow.edges) =>
          edges.map(({ source, target, branch }) => `${source} ${target} ${branch ?? ""}`).sort();
        expect(ways(again.edges)).toEqual(ways(flow.edges));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a drawing", () => {
  const document = {
    flowyard: 1,
    key: "release",
    nodes: [
      {
        id: "ask",
        exclusive: [
          { when: "x", next: "b", name: "yes" },
          { default: true, next: "a" },
        ],
      },
      { id: "a", plugin: "noop@1.0" },
      { id: "b", name: "Bee", plugin: "noop@1.0", next: "ask" },
      { id: "c", subflow: "other", next: null },
    ],
    layout: { a: [10, 20], b: "junk", gone: [1, 2] },
  };
  const flow = flowOf(document);

  test("has an edge for each way, named by its branch", () => {
    expect(flow.edges).toEqual([
      { id: "start>", source: "start", target: "ask" },
      { id: "ask>0", source: "ask", target: "b", branch: 0, label: "yes", condition: "x" },
      { id: "ask>1", source: "ask", target: "a", branch: 1, isDefault: true },
      { id: "a>", source: "a", target: "b" },
      { id: "b>", source: "b", target: "ask", isBack: true },
    ]);
  });

  test("calls nodes by their names and says what they run", () => {
    expect(flow.nodes.map(({ kind, title, subtitle }) => [kind, title, subtitle])).toEqual([
      ["exclusive", "ask", ""],
      ["activity", "a", "noop@1.0"],
      ["activity", "Bee", "noop@1.0"],
      ["subflow", "c", "other"],
    ]);
  });

  test("leaves out places that are none", () => {
    expect(flow.positions).toEqual({ a: [10, 20], gone: [1, 2] });
  });

  test("of a document without nodes leads from the start to the end", () => {
    expect(flowOf({ flowyard: 1 }).edges).toEqual([
      { id: "start>", source: "start", target: "end" },
    ]);
  });
});

test("positions are written as whole pixels, and those of nodes that are gone are not", () => {
  const document = { nodes: [{ id: "a", plugin: "noop@1.0" }] };
  const flow = flowOf(document);

  const written = documentOf(document, { ...flow, positions: { a: [1.4, 2.6], gone: [3, 4] } });

  expect(written["layout"]).toEqual({ a: [1, 3] });
});

test("a compiled graph is drawn with its converges, under the names of start and end", () => {
  const graph = {
    start: "s",
    end: "e",
    nodes: [
      { id: "s", kind: "start" },
      { id: "p", kind: "parallel", converge: "p-converge" },
      { id: "a", kind: "activity", name: "A", activity: { plugin: "noop", version: "1.0" } },
      { id: "p-converge", kind: "converge" },
      { id: "e", kind: "end" },
    ],
    edges: [
      { from: "s", to: "p" },
      { from: "p", to: "a" },
      { from: "a", to: "p-converge" },
      { from: "p-converge", to: "e" },
    ],
  };

  const flow = flowOfGraph(graph);

  expect(flow.nodes.map(({ id, kind, subtitle }) => [id, kind, subtitle])).toEqual([
    ["p", "parallel", ""],
    ["a", "activity", "noop@1.0"],
    ["p-converge", "converge", ""],
  ]);
  expect(flow.edges.map(({ source, target }) => [source, target])).toEqual([
    ["start", "p"],
    ["p", "a"],
    ["a", "p-converge"],
    ["p-converge", "end"],
  ]);
});

test("a compiled graph shows an inline subflow as one node, and leads past what is inside", () => {
  const graph = {
    start: "start",
    end: "end",
    nodes: [
      { id: "start", kind: "start" },
      { id: "host", kind: "subflow", subflow: { template: "update-host" } },
      { id: "host.start", kind: "start" },
      { id: "host.stop", kind: "activity", activity: { plugin: "noop", version: "1.0" } },
      { id: "host.end", kind: "end" },
      { id: "end", kind: "end" },
    ],
    edges: [
      { from: "start", to: "host" },
      { from: "host.start", to: "host.stop" },
      { from: "host.stop", to: "host.end" },
      { from: "host", to: "end" },
    ],
  };

  const flow = flowOfGraph(graph);

  expect(flow.nodes.map(({ id }) => id)).toEqual(["host"]);
  expect(flow.edges.map(({ source, target }) => [source, target])).toEqual([
    ["start", "host"],
    ["host", "end"],
  ]);
});
