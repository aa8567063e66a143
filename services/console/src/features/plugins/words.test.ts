import { expect, test } from "vitest";
import { piecesOf } from "./words";

test("what stands between backticks is code, and what is not closed is text", () => {
  expect(piecesOf("Instead of ``json`` or `equals`.")).toEqual([
    { isCode: false, text: "Instead of " },
    { isCode: true, text: "json" },
    { isCode: false, text: " or " },
    { isCode: true, text: "equals" },
    { isCode: false, text: "." },
  ]);
  expect(piecesOf("an ` alone")).toEqual([{ isCode: false, text: "an ` alone" }]);
  expect(piecesOf("")).toEqual([]);
});
