import { describe, expect, test } from "vitest";
import { difference, isNothing } from "./diff";

const BEFORE = {
  flowyard: 1,
  key: "release",
  title: "Old",
  inputs: { version: { type: "string", default: "1" } },
  nodes: [
    { id: "a", plugin: "noop@1.0", inputs: { url: "http://old", same: 1 } },
    { id: "b", plugin: "noop@1.0" },
    { id: "c", plugin: "noop@1.0" },
  ],
};
const AFTER = {
  flowyard: 1,
  key: "release",
  title: "New",
  inputs: { version: { type: "string", default: "2" } },
  nodes: [
    { id: "a", plugin: "noop@1.0", inputs: { url: "http://new", same: 1 }, next: "d" },
    { id: "c", plugin: "noop@1.0", next: "end" },
    { id: "d", plugin: "noop@1.0", next: "c" },
  ],
  layout: { a: [1, 2] },
};

describe("the difference of two definitions", () => {
  const found = difference(BEFORE, AFTER);

  test("tells which nodes came, went and changed, and draws all of them", () => {
    expect(found.nodes).toEqual({ a: "changed", b: "removed", d: "added" });
    expect(found.flow.nodes.map(({ id }) => id)).toEqual(["a", "c", "d", "b"]);
  });

  test("tells what has changed in a node, and what in the flow", () => {
    expect(found.fields).toEqual({
      a: [{ path: "inputs.url", before: "http://old", after: "http://new" }],
    });
    expect(found.settings).toEqual([
      { path: "title", before: "Old", after: "New" },
      { path: "inputs.version.default", before: "1", after: "2" },
    ]);
  });

  test("tells which lines came and went", () => {
    const said = found.flow.edges.map(({ id, source, target }) => [
      source,
      target,
      found.edges[id],
    ]);
    expect(said).toEqual([
      ["start", "a", undefined],
      ["a", "d", "added"],
      ["c", "end", undefined],
      ["d", "c", "added"],
      ["a", "b", "removed"],
      ["b", "c", "removed"],
    ]);
  });

  test("is nothing where only the writing or the drawing differs", () => {
    const written = { ...BEFORE, nodes: BEFORE.nodes.map((node) => ({ ...node })), layout: {} };
    expect(isNothing(difference(BEFORE, written))).toBe(true);
    expect(isNothing(found)).toBe(false);
  });

  test("of a condition is a changed line", () => {
    const flow = (when: string) => ({
      nodes: [
        { id: "g", exclusive: [{ when, next: "a" }] },
        { id: "a", plugin: "noop@1.0" },
      ],
    });
    expect(difference(flow("x"), flow("y")).edges).toEqual({ "g>0": "changed" });
    expect(difference(flow("x"), flow("y")).nodes).toEqual({});
  });
});
