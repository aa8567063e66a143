import { expect, test } from "vitest";
import { inParts } from "./target";

test("what takes several requests goes on where the last one ended, and tells of each", async () => {
  const asked: (number | null)[] = [];
  const told: number[] = [];

  await inParts(
    (place: number | null) => {
      asked.push(place);
      return Promise.resolve((place ?? 0) + 1);
    },
    (answer) => (answer < 3 ? answer : null),
    (answer) => told.push(answer),
  );

  expect(asked).toEqual([null, 1, 2]);
  expect(told).toEqual([1, 2, 3]);
});
