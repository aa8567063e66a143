import { expect, test } from "vitest";
import { waitingSearch } from "./search";

test("an address is read as it was written, without what is mistaken", () => {
  const search = { kind: "approval", mine: true, sort: "since" };

  expect(waitingSearch({ ...search, other: 1 })).toEqual(search);
  expect(waitingSearch({ kind: "approval", mine: "true" })).toEqual({
    kind: "approval",
    mine: true,
  });
  expect(waitingSearch({ kind: "everything", mine: "no", sort: "size" })).toEqual({});
});
