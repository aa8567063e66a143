import { expect, test } from "vitest";
import { Keys } from "./shortcuts";

const NAMES = ["?", "/", "g h", "g i"];

function pressed(...keys: readonly (readonly [string, number])[]): (string | null)[] {
  const reader = new Keys();
  return keys.map(([key, at]) => reader.press(key, at, NAMES));
}

test("one key is enough where one is meant", () => {
  expect(pressed(["?", 0], ["/", 10])).toEqual(["?", "/"]);
});

test("two keys make one shortcut when they come soon enough", () => {
  expect(pressed(["g", 0], ["i", 500])).toEqual([null, "g i"]);
  expect(pressed(["g", 0], ["i", 5000])).toEqual([null, null]);
});

test("another key in between begins anew", () => {
  expect(pressed(["g", 0], ["x", 100], ["i", 200])).toEqual([null, null, null]);
  expect(pressed(["g", 0], ["g", 100], ["h", 200])).toEqual([null, null, "g h"]);
});
