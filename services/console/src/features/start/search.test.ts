import { describe, expect, test } from "vitest";
import { startSearch, versionOf } from "./search";

describe("the address of a start", () => {
  test("names a version, or none", () => {
    expect(startSearch({ version: 3 })).toEqual({ version: 3 });
    expect(startSearch({ version: "3" })).toEqual({ version: 3 });
    expect(startSearch({})).toEqual({});
    for (const version of [0, -1, 1.5, "x", null, undefined]) {
      expect(startSearch({ version })).toEqual({});
    }
  });

  test("means the latest version where the one that it names is not there", () => {
    expect(versionOf({ version: 2 }, 3)).toBe(2);
    expect(versionOf({ version: 4 }, 3)).toBe(3);
    expect(versionOf({}, 3)).toBe(3);
    expect(versionOf({ version: 1 }, null)).toBeNull();
  });
});
