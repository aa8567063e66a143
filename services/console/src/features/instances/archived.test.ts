import { describe, expect, test } from "vitest";
import { archivedQueryOf, archivedSearch, isArchivedNarrowed, searchBeside } from "./archived";
import type { ArchivedSearch } from "./archived";

const WHOLE: ArchivedSearch = {
  status: ["succeeded"],
  template: "release",
  actor: "ops",
  text: "1.4",
  from: "2026-03-01",
  until: "2026-03-31",
  cursor: "abc",
};

describe("the address of the list of archived instances", () => {
  test("is read as it was written", () => {
    expect(archivedSearch({ ...WHOLE })).toEqual(WHOLE);
  });

  test("may hold a mistake, which is left out", () => {
    const days = { from: "2026-02-30", until: "soon" };

    expect(archivedSearch({ ...days, status: ["failed", "cancelled"], label: "a:b" })).toEqual({
      status: ["cancelled"],
    });
  });

  test("may hold one where many are possible, and a number where a word is", () => {
    expect(archivedSearch({ status: "cancelled", text: 42 })).toEqual({
      status: ["cancelled"],
      text: "42",
    });
  });
});

describe("the API", () => {
  test("is asked for whole days of the reader's clock, the first and the last included", () => {
    const { ended_after: after = "", ended_before: before = "", ...rest } = archivedQueryOf(WHOLE);

    expect(new Date(after)).toEqual(new Date(2026, 1, 28, 23, 59, 59, 999));
    expect(new Date(before)).toEqual(new Date(2026, 3, 1));
    expect(rest).toEqual({
      status: ["succeeded"],
      template: "release",
      actor: "ops",
      text: "1.4",
      cursor: "abc",
    });
  });

  test("is asked for nothing that nobody wants", () => {
    expect(archivedQueryOf({})).toEqual({});
  });
});

describe("from one list to the other", () => {
  test("goes what both are narrowed by", () => {
    const search = { text: "1.4", status: ["failed", "succeeded"], template: "release" } as const;

    expect(searchBeside({ ...search, period: "24h", reason: "timer", cursor: "abc" })).toEqual({
      text: "1.4",
      status: ["succeeded"],
      template: "release",
    });
  });

  test("goes no template by a name that only one of them knows", () => {
    expect(searchBeside({ template: "tools/release" })).toEqual({});
  });
});

test("a place in the list narrows nothing", () => {
  expect(isArchivedNarrowed({ cursor: "abc" })).toBe(false);
  expect(isArchivedNarrowed({ from: "2026-03-01" })).toBe(true);
});
