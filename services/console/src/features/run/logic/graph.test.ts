import { expect, test } from "vitest";
import { graphOf, leaving, nameOf, scopeOf } from "./graph";

const ENCODED = {
  start: "start",
  end: "end",
  nodes: [
    { id: "start", kind: "start" },
    {
      id: "build",
      kind: "activity",
      name: "Build it",
      activity: { plugin: "noop", version: "1.0", queue: "slow", timeout: 30 },
      options: { optional: true, retry: { times: 3 } },
      exports: [["image", "tag"]],
    },
    { id: "choose", kind: "exclusive", loop_limit: 5 },
    {
      id: "roll",
      kind: "map",
      subflow: { template: "host", version: 2 },
      map: { items: "${hosts}", concurrency: 2 },
    },
    { id: "in", kind: "subflow", subflow: { template: "site", version: 1, mode: "inline" } },
    { id: "end", kind: "end" },
  ],
  edges: [
    { from: "start", to: "build" },
    { from: "choose", to: "roll", when: "careful", name: "yes" },
    { from: "choose", to: "build", default: true, back: true },
  ],
};

test("a compiled graph is read with what each node runs", () => {
  const graph = graphOf(ENCODED);

  expect(graph.vertices.get("build")).toMatchObject({
    plugin: "noop@1.0",
    queue: "slow",
    map: null,
  });
  expect(graph.vertices.get("roll")).toMatchObject({
    subflow: { template: "host", version: 2, isInline: false },
    map: { concurrency: 2 },
  });
  expect(graph.vertices.get("in")?.subflow?.isInline).toBe(true);
  expect(graph.vertices.get("choose")).toMatchObject({ plugin: null, queue: "default" });
});

test("only options that were chosen are there", () => {
  const { vertices } = graphOf(ENCODED);

  expect(vertices.get("build")?.options).toEqual({
    optional: true,
    retry: { times: 3 },
    timeout: 30,
    queue: "slow",
    export: { image: "tag" },
  });
  expect(vertices.get("choose")?.options).toEqual({ loop_limit: 5 });
  expect(vertices.get("start")?.options).toEqual({});
});

test("edges that leave a node come in the order in which they are tried", () => {
  const [first, second] = leaving(graphOf(ENCODED), "choose");

  expect(first).toMatchObject({ target: "roll", name: "yes", condition: "careful" });
  expect(second).toMatchObject({ target: "build", isDefault: true, isBack: true });
});

test("a node of an inline subflow is called by what it is within", () => {
  expect(scopeOf("deploy.site.build")).toBe("deploy.site");
  expect(scopeOf("deploy")).toBeNull();
  expect(nameOf({ id: "deploy.site.build", name: "" })).toBe("build");
  expect(nameOf({ id: "deploy", name: "Deploy" })).toBe("Deploy");
});
