import { expect, test } from "vitest";
import type { Plugin } from "@/shared/plugins";
import { familiesOf, matching, opening } from "./families";

function plugin(name: string, version: string, title: string, description = ""): Plugin {
  return { name, version, title, description } as Plugin;
}

const FAMILIES = familiesOf([
  plugin("sleep", "1.9", "Wait a while"),
  plugin("http", "1.0", "Call an address", "Sends a request."),
  plugin("sleep", "1.10", "Wait for some time"),
]);

test("versions stand together, the latest first, and plugins by the latest one's title", () => {
  expect(FAMILIES.map(({ name, versions }) => [name, versions])).toEqual([
    ["http", ["1.0"]],
    ["sleep", ["1.10", "1.9"]],
  ]);
  expect(FAMILIES[1]?.latest.title).toBe("Wait for some time");
});

test("all words have to be found, wherever they stand", () => {
  const names = (text: string) => matching(FAMILIES, text).map((one) => one.name);

  expect(names("REQUEST http")).toEqual(["http"]);
  expect(names("request sleep")).toEqual([]);
  expect(names(" ")).toEqual(["http", "sleep"]);
});

test("a list shows the first paragraph in one line", () => {
  expect(opening("Sends a\n  request.\n\nMore.")).toBe("Sends a request.");
  expect(opening("")).toBe("");
});
