import { expect, test } from "vitest";
import { firstSentence, piecesOf, plainText } from "./pieces";

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

test("without the signs of code, a description is text alone", () => {
  expect(plainText("Instead of ``json`` or `equals`.")).toBe("Instead of json or equals.");
});

test("the first sentence ends at its full stop, not within a number", () => {
  expect(firstSentence("Waits for 1.5 seconds. And more.")).toBe("Waits for 1.5 seconds.");
  expect(firstSentence("等 1.5 秒。然后继续。")).toBe("等 1.5 秒。");
  expect(firstSentence("No end")).toBe("No end");
});
