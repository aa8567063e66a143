import { expect, test } from "vitest";
import { parse } from "yaml";
import { EXAMPLES } from "./create";
import { exampleSource } from "./examples";

test.each(EXAMPLES)("the example %s takes a key and a title, and keeps its comments", (example) => {
  const source = exampleSource(example, "mine", "My own: 1");

  expect(parse(source)).toMatchObject({ flowyard: 1, key: "mine", title: "My own: 1" });
  expect(source).toContain("# ");
});
