import { expect, test } from "vitest";
import { namesUsed } from "./names";

test("names are those of expressions, not of texts and outputs", () => {
  const value = {
    url: "${base}/x/${ version + 'plain' }",
    list: ["$${not}", "${nodes.a.status}", "${ {'k': other}['k'] }"],
    count: 1,
  };

  expect([...namesUsed(value)].sort()).toEqual(["base", "nodes", "other", "version"]);
});
