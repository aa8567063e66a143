import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./addresses";

test("what is written is read again", () => {
  const search = { status: ["failed", "paused"], text: "a b&c", label: ["team:shop"] };

  const text = stringifySearch(search);

  expect(text).toBe("?status=failed&status=paused&text=a+b%26c&label=team%3Ashop");
  expect(parseSearch(text)).toEqual({ ...search, label: "team:shop" });
});

test("nothing is written of what is not there", () => {
  expect(stringifySearch({ text: undefined, status: [] })).toBe("");
  expect(parseSearch("")).toEqual({});
});
