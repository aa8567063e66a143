import { expect, test } from "vitest";
import { tokenOf } from "./entry";

test.each([
  ["#token=flowyard_a-b_c", "flowyard_a-b_c"],
  ["#token=a%2Bb", "a+b"],
  ["#token=", null],
  ["#section", null],
  ["", null],
])("the address %s brings the token %s", (hash, token) => {
  expect(tokenOf(hash)).toBe(token);
});
