import { expect, test } from "vitest";
import { runSearch } from "./search";

test("an address is read as it was written", () => {
  const whole = { tab: "timeline", node: "deploy/build", attempt: 2, open: ["deploy", "site"] };

  expect(runSearch({ ...whole, attempt: "2" })).toEqual(whole);
});

test("one open subflow is a list of one, and a mistake is left out", () => {
  expect(runSearch({ open: "deploy", tab: "moon", attempt: "x", node: "" })).toEqual({
    open: ["deploy"],
  });
  expect(runSearch({ tab: "graph" })).toEqual({});
});
