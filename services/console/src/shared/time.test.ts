import { describe, expect, test } from "vitest";
import { duration, exact, relative } from "./time";

const NOW = new Date("2026-03-04T12:00:00Z");
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

describe("a time from now", () => {
  test.each([
    [0, "now"],
    [59, "59 sec. ago"],
    [60, "1 min. ago"],
    [3599, "59 min. ago"],
    [7200, "2 hr. ago"],
    [86_400, "yesterday"],
    [40 * 86_400, "last mo."],
    [400 * 86_400, "last yr."],
    [-90, "in 1 min."],
  ])("%i seconds ago is %s", (seconds, words) => {
    expect(relative(ago(seconds), NOW, "en")).toBe(words);
  });

  test("is said in the reader's language", () => {
    expect(relative(ago(120), NOW, "zh")).toBe("2分钟前");
  });

  test("has an exact form to the second", () => {
    expect(exact(NOW, "en")).toMatch(/Mar 4, 2026.*:00:00/);
  });
});

describe("a length of time", () => {
  test.each([
    [-5, "0ms"],
    [250, "250ms"],
    [1990, "1.9s"],
    [9999, "9.9s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [4_320_000, "1h 12m"],
    [90_061_000, "1d 1h"],
  ])("%i ms is %s", (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});
