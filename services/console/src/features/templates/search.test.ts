import { expect, test } from "vitest";
import { isNarrowed, templateSearch } from "./search";

test("an address is read as it was written, without what is mistaken", () => {
  const search = { text: "rel", category: "Ops", favourite: true, sort: "title", scope: "all" };

  expect(templateSearch({ ...search, other: 1 })).toEqual(search);
  expect(templateSearch({ favourite: "yes", sort: "size", scope: "own", text: "" })).toEqual({});
});

test("order, place and scope narrow nothing", () => {
  expect(isNarrowed({ sort: "title", cursor: "x", scope: "all" })).toBe(false);
  expect(isNarrowed({ favourite: true })).toBe(true);
});
