import { expect, test } from "vitest";
import { attempt, graph, instance, layer, node } from "./made";
import type { Layers, Picture, Placed } from "./layers";
import { canOpen, partsOf, pictureOf, placeOf, wantedLayers } from "./layers";

const INLINE = {
  id: "in",
  kind: "subflow",
  subflow: { template: "site", version: 1, mode: "inline" },
};
const OWN = { id: "own", kind: "subflow", subflow: { template: "host", version: 3 } };

const FLAT = graph("start in, in end, in.start in.a, in.a in.b, in.b in.end", [INLINE]);
const NESTED = graph("start own, own after, after end", [OWN]);
const HOST = graph("start stop, start mute, stop up, mute up, up end");

function drawn({ edges }: Picture): string[] {
  return edges.map((edge) => `${edge.source} ${edge.target}`);
}

function names({ nodes }: Picture): string[] {
  return [...nodes.keys()];
}

const flat = new Map([layer("", FLAT, null)]);

test("a closed inline subflow stands for what is in it", () => {
  const picture = pictureOf(flat, new Set());

  expect(names(picture)).toEqual(["start", "in", "end"]);
  expect(drawn(picture)).toEqual(["start in", "in end"]);
});

test("an open inline subflow shows its nodes between itself and what follows it", () => {
  const picture = pictureOf(flat, new Set(["in"]));

  expect(names(picture)).toEqual(["start", "in", "end", "in.a", "in.b"]);
  expect(drawn(picture)).toEqual(["start in", "in in.a", "in.a in.b", "in.b end"]);
  expect(picture.nodes.get("in")?.isOpen).toBe(true);
  expect(picture.nodes.get("in.a")?.depth).toBe(1);
});

test("an open subflow of its own shows the graph of the instance that runs it", () => {
  const child = instance([node("stop", { status: "failed" }), node("mute"), node("up")]);
  const parent = instance([node("own", { kind: "subflow" }), node("after")]);
  const layers = new Map([layer("", NESTED, parent), layer("own", HOST, child)]);

  const picture = pictureOf(layers, new Set(["own"]));

  expect(names(picture).toSorted()).toEqual(
    ["after", "end", "own", "own/mute", "own/stop", "own/up", "start"].toSorted(),
  );
  expect(drawn(picture)).toEqual(
    expect.arrayContaining([
      "own own/stop",
      "own own/mute",
      "own/stop own/up",
      "own/up after",
      "after end",
    ]),
  );
  expect(picture.edges).toHaveLength(7);
  expect(picture.nodes.get("own/stop")?.node?.status).toBe("failed");
});

test("what is known of a closed subflow is not drawn", () => {
  const layers = new Map([layer("", NESTED, null), layer("own", HOST, null)]);

  expect(names(pictureOf(layers, new Set()))).toEqual(["start", "own", "after", "end"]);
});

test("an open subflow that is not read yet is drawn closed", () => {
  const picture = pictureOf(new Map([layer("", NESTED, null)]), new Set(["own"]));

  expect(picture.nodes.get("own")?.isOpen).toBe(false);
  expect(drawn(picture)).toEqual(["start own", "own after", "after end"]);
});

test("subflows open within each other, and the last one leads out of all", () => {
  const outer = graph("start own, own end", [OWN]);
  const inner = graph("start in, in end, in.start in.a, in.a in.end", [INLINE]);
  const layers: Layers = new Map([layer("", outer, null), layer("own", inner, null)]);

  const picture = pictureOf(layers, new Set(["own", "own/in"]));

  expect(drawn(picture)).toEqual(["start own", "own own/in", "own/in own/in.a", "own/in.a end"]);
  expect(picture.nodes.get("own/in.a")?.depth).toBe(2);
});

test("what the instance runs without is drawn as left out", () => {
  const view = instance([node("start"), node("after"), node("end")]);
  const picture = pictureOf(new Map([layer("", NESTED, view)]), new Set());

  expect(picture.nodes.get("own")?.isLeftOut).toBe(true);
  expect(picture.nodes.get("after")?.isLeftOut).toBe(false);
});

test("a subflow that has not begun is read from its version, one that has from its instance", () => {
  const view = instance([
    node("own", { kind: "subflow", attempts: [attempt(1, { child_instance_id: "c1" })] }),
  ]);

  expect(wantedLayers(new Map([layer("", NESTED, null)]), new Set(["own"]))).toEqual([
    { at: "own", instance: null, template: "host", version: 3 },
  ]);
  expect(wantedLayers(new Map([layer("", NESTED, view)]), new Set(["own"]))).toEqual([
    { at: "own", instance: "c1", template: "host", version: 3 },
  ]);
});

test("a subflow whose version is chosen at its start cannot be opened before", () => {
  const latest = graph("start own, own end", [
    { id: "own", kind: "subflow", subflow: { template: "host", latest: true } },
  ]);
  const begun = instance([node("own", { attempts: [attempt(1, { child_instance_id: "c1" })] })]);
  const before = pictureOf(new Map([layer("", latest, instance([node("own")]))]), new Set());
  const after = pictureOf(new Map([layer("", latest, begun)]), new Set());

  expect(before.nodes.get("own")).toSatisfy((one: Placed) => !canOpen(one));
  expect(after.nodes.get("own")).toSatisfy((one: Placed) => canOpen(one));
});

test("a place says which node of which flow is meant", () => {
  expect(placeOf("", "in.a")).toBe("in.a");
  expect(partsOf(placeOf("own/sub", "in.a"))).toEqual({ at: "own/sub", id: "in.a" });
  expect(partsOf("deploy:3")).toEqual({ at: "", id: "deploy:3" });
});
