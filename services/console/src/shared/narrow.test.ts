import { expect, test } from "vitest";
import { narrow } from "./narrow";

interface Search {
  readonly text?: string;
  readonly status?: readonly string[];
  readonly cursor?: string;
}

const SECOND_PAGE: Search = { text: "1.4", cursor: "abc" };

test("a filter that is set begins at the first page", () => {
  expect(narrow(SECOND_PAGE, "status", ["failed"])).toEqual({ text: "1.4", status: ["failed"] });
});

test.each([null, ""])("a filter of %j is taken away", (text) => {
  expect(narrow(SECOND_PAGE, "text", text)).toEqual({});
});

test("a filter of an empty list is taken away", () => {
  const search: Search = { text: "1.4", status: ["failed"] };

  expect(narrow(search, "status", [])).toEqual({ text: "1.4" });
});
