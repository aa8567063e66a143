import { expect, test } from "vitest";
import { compareVersions } from "./plugins";

test("versions are compared by their numbers", () => {
  expect(["1.10", "2.0", "1.9"].toSorted(compareVersions)).toEqual(["1.9", "1.10", "2.0"]);
});
