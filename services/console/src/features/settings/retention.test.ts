import { describe, expect, test } from "vitest";
import { ageOf, isCountedOut, secondsOf, sentOf, writtenOf } from "./retention";
import type { Retention, WrittenRule } from "./retention";

const RULE = { mode: "archive", after_seconds: 7_776_000 } as unknown as Retention;
const WRITTEN: WrittenRule = { mode: "archive", count: "30", unit: "days" };

describe("an age", () => {
  test.each([
    [7_776_000, 90, "days"],
    [86_400, 1, "days"],
    [90_000, 25, "hours"],
    [5400, 1.5, "hours"],
    [0, 0, "hours"],
  ])("of %i seconds is %d %s", (seconds, count, unit) => {
    expect(ageOf(seconds)).toEqual({ count, unit });
  });

  test.each([3600, 3601, 5000, 86_399, 86_400, 7_776_000, 1_000_000_000])(
    "of %i seconds is sent as it was read",
    (after_seconds) => {
      expect(secondsOf(writtenOf({ ...RULE, after_seconds }))).toBe(after_seconds);
    },
  );

  test.each(["", "0", "0.5", "-1", "soon", "1e3", "0x10", "277778"])(
    "of %j hours is none that the API takes",
    (count) => {
      expect(secondsOf({ ...WRITTEN, count, unit: "hours" })).toBeNull();
    },
  );

  test("may have a fraction, in the way of either language", () => {
    expect(secondsOf({ ...WRITTEN, count: " 1.5 ", unit: "hours" })).toBe(5400);
    expect(secondsOf({ ...WRITTEN, count: "0,5" })).toBe(43_200);
  });
});

describe("the form of a rule", () => {
  test("holds the rule that is there", () => {
    expect(writtenOf(RULE)).toEqual({ mode: "archive", count: "90", unit: "days" });
  });

  test("is sent once its age is right", () => {
    expect(sentOf(WRITTEN, RULE)).toEqual({ mode: "archive", after_seconds: 2_592_000 });
    expect(sentOf({ ...WRITTEN, mode: "delete", count: "" }, RULE)).toBeNull();
  });

  test("needs no age where everything stays", () => {
    const kept: WrittenRule = { mode: "keep", count: "", unit: "days" };

    expect(sentOf(kept, RULE)).toEqual({ mode: "keep", after_seconds: 7_776_000 });
    expect(sentOf(kept, { ...RULE, after_seconds: 0 })).toEqual({
      mode: "keep",
      after_seconds: 3600,
    });
  });
});

test("what is due is counted up to a number", () => {
  expect([0, 99_999, 100_000].map(isCountedOut)).toEqual([false, false, true]);
});
