import { expect, test } from "vitest";
import { rulesOf } from "./rules";

test("rules are shown by code, with the plugin and the inputs that they fill", () => {
  const table = {
    "b@v1": { plugin: "noop@1.0" },
    a: { plugin: "ssh@1.0", inputs: { script: { field: "job" } }, fixed: { shell: "bash" } },
    c: 3,
  };

  expect(rulesOf(table)).toEqual([
    { code: "a", plugin: "ssh@1.0", inputs: ["script", "shell"] },
    { code: "b@v1", plugin: "noop@1.0", inputs: [] },
    { code: "c", plugin: "", inputs: [] },
  ]);
});
