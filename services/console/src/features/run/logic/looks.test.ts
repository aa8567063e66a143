import { expect, test } from "vitest";
import { Sketch, canvasIds, flowOfPicture, shapeOf } from "./flow";
import { graph, instance, layer, node } from "./made";
import { pictureOf } from "./layers";
import type { LookWords } from "./looks";
import { LookBook, edgeLooksOf, placeOfCanvas, sizesOf } from "./looks";
import { currentOf } from "./current";

const WORDS: LookWords = {
  leftOut: "left out",
  breakpoint: "stop",
  mark: (mark) => mark,
  reason: (reason) => `waits: ${reason}`,
};
const GRAPH = graph("start a, a b, b end, a c, c end", [{ id: "c", kind: "map", map: {} }]);

function pictured(...nodes: ReturnType<typeof node>[]) {
  return pictureOf(new Map([layer("", GRAPH, instance(nodes))]), new Set());
}

const IDS = canvasIds(GRAPH);

test("a node looks as it stands: status, why it waits, what is wrong, what is peculiar", () => {
  const looks = new LookBook().looks(
    pictured(
      node("start", { status: "succeeded" }),
      node("a", { status: "failed", reason: "incident", failure: { code: "x", message: "full" } }),
      node("b", { status: "succeeded", mark: "forced", has_breakpoint: true }),
    ),
    IDS,
    WORDS,
  );

  expect(looks["a"]).toEqual({ status: "failed", detail: "waits: incident", problem: "full" });
  expect(looks["b"]).toEqual({ status: "succeeded", badge: "stop · forced" });
  expect(looks["c"]).toEqual({ status: "left out", isFaint: true });
  expect(looks["start"]).toEqual({ status: "succeeded" });
});

test("what looks as before is the same object", () => {
  const book = new LookBook();
  const before = book.looks(pictured(node("a", { status: "running" }), node("b")), IDS, WORDS);
  const after = book.looks(
    pictured(node("a", { status: "running" }), node("b", { status: "ready" })),
    IDS,
    WORDS,
  );

  expect(after["a"]).toBe(before["a"]);
  expect(after["b"]).not.toBe(before["b"]);
});

test("the way that was taken is told from the others", () => {
  const picture = pictured(
    node("start", { status: "succeeded", reached_at: "2026" }),
    node("a", { status: "succeeded", reached_at: "2026" }),
    node("b", { status: "running", reached_at: "2026" }),
    node("c"),
    node("end"),
  );
  const flow = flowOfPicture(picture, IDS, {});
  const looks = edgeLooksOf(flow, picture, IDS);
  const taken = flow.edges.filter((edge) => looks[edge.id]?.isTaken === true);

  expect(taken.map((edge) => `${edge.source} ${edge.target}`)).toEqual(["start a", "a b"]);
});

test("statuses change neither the shape of a drawing nor the size of anything in it", () => {
  const before = pictured(node("a"), node("b"), node("c"));
  const after = pictured(
    node("a", { status: "succeeded" }),
    node("b"),
    node("c", { status: "running" }),
  );

  expect(shapeOf(flowOfPicture(after, IDS, {}))).toBe(shapeOf(flowOfPicture(before, IDS, {})));
  expect(sizesOf(after)).toEqual(sizesOf(before));
});

test("a drawing is the same one while only statuses change", () => {
  const sketch = new Sketch();
  const drawn = (...nodes: ReturnType<typeof node>[]) => {
    const layers = new Map([layer("", GRAPH, instance(nodes))]);
    return sketch.of(pictureOf(layers, new Set()), layers, IDS, null).flow;
  };

  expect(drawn(node("a", { status: "failed" }))).toBe(drawn(node("a")));
});

test("places that somebody has given nodes hold only where all have one", () => {
  const picture = pictured(node("a"));
  const layout = { a: [0, 0], b: [9, 9] };

  expect(flowOfPicture(picture, IDS, { layout }).positions).toEqual({});
  expect(flowOfPicture(picture, IDS, { layout: { ...layout, c: [5, 5] } }).positions).toMatchObject(
    {
      c: [5, 5],
    },
  );
});

test("start and end are found again by what the canvas calls them", () => {
  const ids = new Map([["begin", "start"]]);

  expect(placeOfCanvas("start", ids)).toBe("begin");
  expect(placeOfCanvas("a", ids)).toBe("a");
});

test("what is followed is where somebody is wanted, else where something works", () => {
  const at = (second: number) => `2026-03-04T12:00:0${second}Z`;
  const waiting = node("a", { status: "waiting", reason: "approval", reached_at: at(3) });
  const working = node("b", { status: "running", reason: "running", reached_at: at(1) });

  expect(currentOf(pictured(waiting, working))).toBe("b");
  expect(currentOf(pictured(waiting, node("b", { status: "succeeded" })))).toBe("a");
  expect(currentOf(pictured(working, node("a", { status: "failed", reached_at: at(0) })))).toBe(
    "a",
  );
  expect(currentOf(pictured(node("a", { status: "succeeded" })))).toBeNull();
});
