import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { definitions } from "./arbitrary";
import type { Part, Spot } from "./edit";
import { add, connect, disconnect, insert, newId, rawOf, reconnect, remove } from "./edit";
import type { Flow, JsonObject } from "./flow";
import { documentOf, flowOf } from "./flow";

const CHAIN = {
  flowyard: 1,
  key: "chain",
  nodes: [
    { id: "a", plugin: "noop@1.0" },
    { id: "b", plugin: "noop@1.0" },
  ],
};
const PLUGIN: Part = { what: "plugin", plugin: "noop@1.0" };

function added(document: JsonObject, part: Part, spot: Spot): JsonObject {
  const flow = flowOf(document);
  return documentOf(document, add(flow, rawOf(flow, part), spot).flow);
}

function nodes(document: JsonObject): unknown {
  return document["nodes"];
}

function ways(flow: Flow): string[] {
  return flow.edges.map(({ source, target }) => `${source} ${target}`);
}

describe("adding", () => {
  test("behind a node puts it between that and what followed, without a word of where it leads", () => {
    expect(nodes(added(CHAIN, PLUGIN, { after: "a" }))).toEqual([
      { id: "a", plugin: "noop@1.0" },
      { id: "noop", plugin: "noop@1.0" },
      { id: "b", plugin: "noop@1.0" },
    ]);
  });

  test("on the line from the start makes it the first", () => {
    expect(nodes(added(CHAIN, PLUGIN, { edge: "start>" }))).toEqual([
      { id: "noop", plugin: "noop@1.0" },
      { id: "a", plugin: "noop@1.0" },
      { id: "b", plugin: "noop@1.0" },
    ]);
  });

  test("nowhere in particular makes it the last", () => {
    const flow = flowOf(CHAIN);
    expect(ways(add(flow, rawOf(flow, PLUGIN), null).flow)).toEqual([
      "start a",
      "a b",
      "b noop",
      "noop end",
    ]);
  });

  test("to an empty flow makes it all there is", () => {
    const empty = { flowyard: 1, key: "new", nodes: [] };
    expect(nodes(added(empty, PLUGIN, null))).toEqual([{ id: "noop", plugin: "noop@1.0" }]);
  });

  test("apart from the others connects it with nothing, and says so", () => {
    expect(nodes(added(CHAIN, PLUGIN, { alone: true }))).toEqual([
      { id: "a", plugin: "noop@1.0" },
      { id: "b", plugin: "noop@1.0", next: "end" },
      { id: "noop", plugin: "noop@1.0", next: null },
    ]);
  });

  test("behind a decision begins a branch that leads to where the others go", () => {
    let document = added(CHAIN, { what: "exclusive" }, { after: "a" });
    document = added(document, PLUGIN, { after: "decide" });

    expect(nodes(document)).toEqual([
      { id: "a", plugin: "noop@1.0" },
      {
        id: "decide",
        exclusive: [
          { when: "", next: "noop" },
          { default: true, next: "b" },
        ],
      },
      { id: "noop", plugin: "noop@1.0" },
      { id: "b", plugin: "noop@1.0" },
    ]);
  });

  test("behind a parallel gateway fills its empty branch first, then begins others beside it", () => {
    let document = added(CHAIN, { what: "parallel" }, { after: "a" });
    document = added(document, PLUGIN, { after: "parallel" });
    document = added(document, PLUGIN, { after: "parallel" });

    expect(ways(flowOf(document))).toEqual([
      "start a",
      "a parallel",
      "parallel noop",
      "parallel noop_2",
      "noop b",
      "noop_2 b",
      "b end",
    ]);
  });

  test("gives an id that nothing else has", () => {
    fc.assert(
      fc.property(definitions, (document) => {
        const flow = flowOf(document);
        expect(flow.nodes.map(({ id }) => id)).not.toContain(newId(flow, "a"));
      }),
    );
  });
});

describe("connecting", () => {
  test("leads a node elsewhere", () => {
    const flow = connect(flowOf(CHAIN), "a", "end");
    expect(nodes(documentOf(CHAIN, flow))).toEqual([
      { id: "a", plugin: "noop@1.0", next: "end" },
      { id: "b", plugin: "noop@1.0" },
    ]);
  });

  test("the start makes another node the first, and all lead where they led", () => {
    const flow = connect(flowOf(CHAIN), "start", "b");
    expect(ways(flow)).toEqual(["start b", "b end", "a b"]);
    expect(nodes(documentOf(CHAIN, flow))).toEqual([
      { id: "b", plugin: "noop@1.0", next: "end" },
      { id: "a", plugin: "noop@1.0", next: "b" },
    ]);
  });

  test("a gateway puts a further condition before its default", () => {
    const document = {
      nodes: [
        { id: "g", exclusive: [{ default: true, next: "end" }] },
        { id: "a", plugin: "noop@1.0" },
      ],
    };
    expect(nodes(documentOf(document, connect(flowOf(document), "g", "a")))).toEqual([
      {
        id: "g",
        exclusive: [
          { when: "", next: "a" },
          { default: true, next: "end" },
        ],
      },
      { id: "a", plugin: "noop@1.0" },
    ]);
  });

  test("never leads into the start, out of the end, or from a node to itself", () => {
    const flow = flowOf(CHAIN);
    expect(connect(flow, "a", "start")).toBe(flow);
    expect(connect(flow, "end", "a")).toBe(flow);
    expect(connect(flow, "a", "a")).toBe(flow);
  });

  test("elsewhere keeps a branch's condition", () => {
    const document = {
      nodes: [
        { id: "g", exclusive: [{ when: "x > 1", name: "big", next: "a" }] },
        { id: "a", plugin: "noop@1.0" },
        { id: "b", plugin: "noop@1.0" },
      ],
    };
    const flow = reconnect(flowOf(document), "g>0", "g", "b");
    expect(nodes(documentOf(document, flow))).toEqual([
      { id: "g", exclusive: [{ when: "x > 1", name: "big", next: "b" }] },
      ...document.nodes.slice(1),
    ]);
  });
});

describe("taking away", () => {
  test("a line leaves its node leading nowhere, which survives being stored", () => {
    const document = documentOf(CHAIN, disconnect(flowOf(CHAIN), "a>"));
    expect(nodes(document)).toEqual([{ id: "a", plugin: "noop@1.0", next: null }, CHAIN.nodes[1]]);
    expect(ways(flowOf(document))).toEqual(["start a", "b end"]);
  });

  test("a node leads what led to it to where it led", () => {
    expect(ways(remove(flowOf(CHAIN), new Set(["a"])))).toEqual(["start b", "b end"]);
    expect(ways(remove(flowOf(CHAIN), new Set(["b"])))).toEqual(["start a", "a end"]);
  });

  test("several at once leads past all of them", () => {
    const document = {
      nodes: ["a", "b", "c", "d"].map((id) => ({ id, plugin: "noop@1.0" })),
    };
    const flow = remove(flowOf(document), new Set(["b", "c"]));
    expect(ways(flow)).toEqual(["start a", "a d", "d end"]);
  });

  test("a gateway with different ways leaves what led to it open", () => {
    const document = {
      nodes: [
        { id: "a", plugin: "noop@1.0" },
        { id: "g", parallel: ["b", "c"] },
        { id: "b", plugin: "noop@1.0", next: "end" },
        { id: "c", plugin: "noop@1.0" },
      ],
    };
    expect(
      flowOf(documentOf(document, remove(flowOf(document), new Set(["g"])))).nodes[0]?.next,
    ).toBe(null);
  });

  test("anything never leaves an edge to what is gone", () => {
    fc.assert(
      fc.property(definitions, fc.array(fc.nat(7)), (document, chosen) => {
        const flow = flowOf(document);
        const gone = new Set(chosen.flatMap((at) => flow.nodes[at]?.id ?? []));
        const left = flowOf(documentOf(document, remove(flow, gone)));
        const ends = left.edges.flatMap(({ source, target }) => [source, target]);
        expect(ends.filter((id) => gone.has(id))).toEqual([]);
        expect(left.nodes).toHaveLength(flow.nodes.length - gone.size);
      }),
    );
  });
});

test("copies that are put on a line stand between its ends", () => {
  const flow = flowOf(CHAIN);
  const copies = flowOf({
    nodes: [
      { id: "x", plugin: "noop@1.0" },
      { id: "y", plugin: "noop@1.0", next: null },
    ],
  }).nodes;

  expect(ways(insert(flow, copies, "a>"))).toEqual(["start a", "a x", "x y", "y b", "b end"]);
});
