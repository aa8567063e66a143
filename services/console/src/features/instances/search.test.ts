import { describe, expect, test } from "vitest";
import { apiQuery, instanceSearch, isNarrowed, savedParameters, searchOf } from "./search";
import type { InstanceSearch } from "./search";

const WHOLE: InstanceSearch = {
  status: ["failed", "paused"],
  template: "release",
  actor: "ops",
  text: "1.4",
  label: ["team:shop"],
  reason: "approval",
  period: "24h",
  cursor: "abc",
};

describe("the address of the list", () => {
  test("is read as it was written", () => {
    expect(instanceSearch({ ...WHOLE })).toEqual(WHOLE);
  });

  test("may hold a mistake, which is left out", () => {
    const given = { status: ["busy", "failed", "failed"], label: "team", reason: 1, period: "2y" };

    expect(instanceSearch({ ...given, text: "", other: "x" })).toEqual({ status: ["failed"] });
  });

  test("may hold one where many are possible, and a number where a word is", () => {
    expect(instanceSearch({ status: "failed", text: 42 })).toEqual({
      status: ["failed"],
      text: "42",
    });
  });
});

test("the API is asked for an instant, the same within a minute", () => {
  const first = apiQuery(WHOLE, new Date("2026-03-04T12:00:01Z"));
  const second = apiQuery(WHOLE, new Date("2026-03-04T12:00:59Z"));

  expect(first).toEqual(second);
  expect(first).toMatchObject({ created_after: "2026-03-03T12:00:00.000Z", reason: ["approval"] });
  expect(first).not.toHaveProperty("period");
});

test("a saved filter brings back what was searched for, without place and time", () => {
  const { cursor: _, period: __, ...kept } = WHOLE;

  expect(searchOf(savedParameters(WHOLE))).toEqual(kept);
});

test("a place in the list narrows nothing", () => {
  expect(isNarrowed({ cursor: "abc" })).toBe(false);
  expect(isNarrowed({ period: "1h" })).toBe(true);
});
