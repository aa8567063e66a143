import { describe, expect, test } from "vitest";
import { readText } from "@/shared/forms/yaml";
import { copied, pasted } from "./clipboard";
import type { JsonObject } from "./flow";
import { documentOf, flowOf } from "./flow";

const DOCUMENT = {
  flowyard: 1,
  key: "release",
  nodes: [
    { id: "build", plugin: "noop@1.0", inputs: { on: "on", number: "007" } },
    {
      id: "ask",
      exclusive: [
        { when: "x", next: "deploy" },
        { default: true, next: "end" },
      ],
    },
    { id: "deploy", name: "Deploy", plugin: "noop@1.0" },
  ],
};

function copy(...ids: string[]): string {
  const flow = flowOf(DOCUMENT);
  return copied(flow, new Set(ids), { build: [0, 0], ask: [200, 0], deploy: [400, 0] }) ?? "";
}

function paste(text: string, document: JsonObject = DOCUMENT, edge: string | null = null) {
  const found = pasted(flowOf(document), text, edge, [48, 48]);
  return found === null ? null : documentOf(document, found.flow);
}

describe("copied nodes", () => {
  test("are YAML that says what leads where among them, and nothing of what is beyond", () => {
    expect(readText(copy("ask", "deploy")).definition).toEqual({
      nodes: [
        { id: "ask", exclusive: [{ when: "x", next: "deploy" }, { default: true }] },
        { id: "deploy", name: "Deploy", plugin: "noop@1.0", next: null },
      ],
      layout: { ask: [200, 0], deploy: [400, 0] },
    });
  });

  test("are none where nothing but start and end is chosen", () => {
    expect(copied(flowOf(DOCUMENT), new Set(["start"]), {})).toBe(null);
  });

  test("keep texts that look like something else", () => {
    const document = paste(copy("build"), { flowyard: 1, key: "new", nodes: [] });
    expect(document?.["nodes"]).toEqual([{ ...DOCUMENT.nodes[0], next: null }]);
  });
});

describe("pasted nodes", () => {
  test("get ids of their own, also where they name each other", () => {
    const nodes = paste(copy("ask", "deploy"))?.["nodes"] as JsonObject[];
    expect(nodes.slice(3)).toEqual([
      { id: "ask_2", exclusive: [{ when: "x", next: "deploy_2" }, { default: true }] },
      { id: "deploy_2", name: "Deploy", plugin: "noop@1.0", next: null },
    ]);
  });

  test("stand between the ends of the line that they are put on", () => {
    const document = paste(copy("deploy"), DOCUMENT, "build>") ?? {};
    const ways = flowOf(document).edges.map(({ source, target }) => `${source} ${target}`);
    expect(ways.slice(0, 3)).toEqual(["start build", "build deploy_2", "deploy_2 ask"]);
  });

  test("stand beside what they were copied from, in a drawing that was placed by hand", () => {
    const document = { ...DOCUMENT, layout: { build: [0, 0] } };
    expect(paste(copy("build"), document)?.["layout"]).toEqual({
      build: [0, 0],
      build_2: [48, 48],
    });
  });

  test("may come from a file, whole", () => {
    const text = "nodes:\n  - {id: build, plugin: noop@1.0}\n  - {id: x, plugin: noop@1.0}\n";
    const nodes = paste(text)?.["nodes"] as JsonObject[];
    expect(nodes.slice(3)).toEqual([
      { id: "build_2", plugin: "noop@1.0" },
      { id: "x", plugin: "noop@1.0", next: null },
    ]);
  });

  test.each(["", "hello", "[1, 2]", "nodes: []", "nodes: [", "{a: *b}"])("%j is none", (text) => {
    expect(paste(text)).toBe(null);
  });
});
