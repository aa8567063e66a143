import { expect, test } from "vitest";
import { countsOf, itemsOf, satellitesOf, valueOf } from "./items";
import { attempt, instance, node } from "./made";

const MAP = node("roll", {
  kind: "map",
  attempts: [attempt(1, { inputs: { items: ["a", { host: "b" }, "c"] } })],
});

const VIEW = instance([
  MAP,
  node("roll:0", { parent: "roll", status: "succeeded" }),
  node("roll:10", { parent: "roll", status: "failed" }),
  node("roll:rollback", { parent: "roll", status: "running" }),
  node("roll.x", { parent: "roll" }),
]);

test("items are counted from the list that the map was given, and from what has begun", () => {
  const { total, items, failed, ended } = itemsOf(VIEW, "roll", MAP);

  expect([total, ended, failed]).toEqual([11, 2, 1]);
  expect(items[1]).toEqual({ index: 1, nodeId: "roll:1", status: "pending", node: null });
  expect(countsOf(items)).toEqual(
    new Map([
      ["succeeded", 1],
      ["pending", 9],
      ["failed", 1],
    ]),
  );
});

test("what else runs for a node is no item of it", () => {
  expect(satellitesOf(VIEW, "roll").map((one) => one.node_id)).toEqual([
    "roll:0",
    "roll:10",
    "roll:rollback",
  ]);
  expect(satellitesOf(VIEW, "other")).toEqual([]);
});

test("a failure that the map tolerates is shown as one", () => {
  const view = instance([
    MAP,
    node("roll:1", { parent: "roll", status: "succeeded", mark: "ignored" }),
  ]);

  expect(itemsOf(view, "roll", MAP)).toMatchObject({ failed: 1, ended: 1 });
});

test("an item is told by its value", () => {
  expect([valueOf(MAP, 0), valueOf(MAP, 1), valueOf(MAP, 9)]).toEqual(["a", '{"host":"b"}', ""]);
});
