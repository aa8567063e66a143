import { describe, expect, test } from "vitest";
import type { Row } from "./rows";
import { between, shownRows } from "./rows";

function row(id: string, status = "running"): Row {
  return { instance_id: id, status } as Row;
}

const names = (shown: ReturnType<typeof shownRows>) =>
  shown.rows.map(({ row: { instance_id: id, status }, isGone }) => `${id} ${status} ${isGone}`);

describe("a list that was read again", () => {
  test("is shown as it is while nobody points at it", () => {
    const shown = shownRows([row("c"), row("b")], null);

    expect(names(shown)).toEqual(["c running false", "b running false"]);
    expect(shown.waiting).toBe(0);
  });

  test("stays in place under the pointer: rows change, new ones wait, gone ones stay", () => {
    const held = [row("b"), row("a")];

    const shown = shownRows([row("d"), row("c"), row("b", "failed")], held);

    expect(names(shown)).toEqual(["b failed false", "a running true"]);
    expect(shown.waiting).toBe(2);
  });
});

describe("a range of rows", () => {
  const ids = ["a", "b", "c", "d"];

  test.each([
    ["b", "d", ["b", "c", "d"]],
    ["d", "b", ["b", "c", "d"]],
    ["b", "b", ["b"]],
    [null, "c", ["c"]],
    ["gone", "c", ["c"]],
  ])("from %s to %s", (from, to, range) => {
    expect(between(ids, from, to)).toEqual(range);
  });
});
