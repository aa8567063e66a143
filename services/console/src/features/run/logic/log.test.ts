import { expect, test } from "vitest";
import { added, shownLines, textOf } from "./log";

const line = (
  sequence: number,
  text: string,
  level: "debug" | "info" | "warning" | "error" = "info",
) => ({
  sequence,
  at: "2026-03-04T12:00:00Z",
  level,
  text,
});

test("lines that are read twice are shown once", () => {
  const known = [line(1, "a"), line(2, "b")];

  expect(added(known, [line(2, "b"), line(3, "c")]).map((one) => one.sequence)).toEqual([1, 2, 3]);
  expect(added(known, [line(1, "a")])).toBe(known);
});

test("lines are narrowed by how much they matter and by a text", () => {
  const lines = [line(1, "Copy", "debug"), line(2, "copied"), line(3, "late", "error")];

  expect(shownLines(lines, "debug", "")).toBe(lines);
  expect(shownLines(lines, "info", "").map((one) => one.sequence)).toEqual([2, 3]);
  expect(shownLines(lines, "debug", " COP ").map((one) => one.sequence)).toEqual([1, 2]);
});

test("a saved log has time, level and text of each line", () => {
  expect(textOf([line(1, "done")])).toBe("2026-03-04T12:00:00Z INFO done\n");
});
