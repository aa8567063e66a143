import { expect, test } from "vitest";
import { labelsOf, wordsOf } from "./labels";

test("labels are written as name and value, and read as the same", () => {
  const labels = { team: "shop", url: "http://a.example" };

  expect(labelsOf(wordsOf(labels))).toEqual(labels);
  expect(labelsOf(["team: shop "])).toEqual({ team: "shop" });
});

test("what has no name, or the same one as another, is no label", () => {
  expect(labelsOf(["shop"])).toBeNull();
  expect(labelsOf([":shop"])).toBeNull();
  expect(labelsOf(["a:1", "a:2"])).toBeNull();
});
