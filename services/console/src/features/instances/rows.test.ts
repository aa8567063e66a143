import { describe, expect, test } from "vitest";
import { between } from "./rows";

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
