import { expect, test } from "vitest";
import { MOST_ITEMS, isItem, itemOfPage, itemsOf, satellitesOf, valueOf } from "./items";
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
  const { total, items, failed, ended, counts } = itemsOf(VIEW, "roll", MAP);

  expect([total, ended, failed]).toEqual([11, 2, 1]);
  expect(items[1]).toEqual({ index: 1, nodeId: "roll:1", status: "pending", node: null });
  expect(counts).toEqual(
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

test("of a large map the counts are told, and only the first items are there one by one", () => {
  const given = Array.from({ length: 5000 }, (_, index) => index);
  const map = node("roll", { kind: "map", attempts: [attempt(1, { inputs: { items: given } })] });
  const view = instance([map, node("roll:0", { parent: "roll", status: "succeeded" })], {
    maps: { roll: { succeeded: 3000, running: 20, failed: 7 } },
  });

  const { total, ended, failed, counts, items, isPaged } = itemsOf(view, "roll", map);

  expect([total, ended, failed, items.length, isPaged]).toEqual([5000, 3007, 7, MOST_ITEMS, true]);
  expect(counts.get("pending")).toBe(1973);
  expect(itemsOf(VIEW, "roll", MAP).isPaged).toBe(false);
});

test("an item of a page whose failure is tolerated is shown as failed", () => {
  const item = { index: 4711, node_id: "roll:4711", status: "succeeded", mark: "ignored" };
  const rest = { reason: null, failure: null, reached_at: "", ended_at: null, allowed: [] };

  expect(itemOfPage({ ...item, ...rest })).toMatchObject({ index: 4711, status: "failed" });
  expect([isItem("roll:4711"), isItem("roll:rollback"), isItem("roll")]).toEqual([
    true,
    false,
    false,
  ]);
});
