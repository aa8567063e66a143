import { expect, test } from "vitest";
import { shownCounts } from "./waiting";

test("counts that reach their bound are shown as what they are at least", () => {
  const counts = { approvals: 3, failures: 100, bound: 100 };

  expect(shownCounts(counts)).toEqual({ all: "103+", approval: "3", failure: "100+" });
  expect(shownCounts({ ...counts, failures: 2 }).all).toBe("5");
});
