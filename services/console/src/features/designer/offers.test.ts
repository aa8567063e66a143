import { expect, test } from "vitest";
import type { Plugin } from "@/shared/plugins";
import { offersOf } from "./offers";

function plugin(name: string, version: string, title: string): Plugin {
  return { name, version, title, description: "" } as Plugin;
}

const PLUGINS = [
  plugin("http_request", "1.0", "HTTP request"),
  plugin("http_request", "1.10", "HTTP request"),
  plugin("http_request", "1.9", "HTTP request"),
  plugin("noop", "1.0", "Nothing"),
];

function found(text: string): string[] {
  return offersOf({
    text,
    plugins: PLUGINS,
    subflows: [],
    words: (key) => key,
    runs: (key) => key,
  }).map(({ key }) => key);
}

test("each plugin is offered once, in its highest version", () => {
  const offers = offersOf({
    ...{ text: "http", plugins: PLUGINS, subflows: [] },
    ...{ words: (key: string) => key, runs: (key: string) => key },
  });
  expect(offers.map(({ choice }) => choice)).toEqual([
    { what: "plugin", plugin: "http_request@1.10", name: "HTTP request" },
  ]);
});

test("what is called as somebody asks stands first, whatever it is", () => {
  expect(found("noop")[0]).toBe("plugin:noop");
  expect(found("parallel")).toEqual(["parallel", "conditional_parallel"]);
  expect(found("PARALLEL")[0]).toBe("parallel");
});

test("without a text everything is offered, gateways first", () => {
  expect(found("")).toEqual([
    ...["exclusive", "parallel", "conditional_parallel", "converge"],
    ...["plugin:http_request", "plugin:noop", "map"],
  ]);
});

test("what nothing is called finds nothing", () => {
  expect(found("zzz")).toEqual([]);
});
