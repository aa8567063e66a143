import { expect, test } from "vitest";
import { ProblemError } from "@/api/problem";
import { canBeHeld, orNull } from "./hold";

const WHEN = "2026-03-04T12:00:00Z";

test.each([
  ["created", null, false],
  ["running", null, false],
  ["paused", null, false],
  ["failed", null, false],
  ["succeeded", null, true],
  ["cancelled", null, true],
  ["succeeded", WHEN, false],
])("whether a run that is %s, archived %s, can be held: %s", (status, archived_at, expected) => {
  expect(canBeHeld({ status, archived_at })).toBe(expected);
});

function problem(code: string, status: number): ProblemError {
  return new ProblemError({
    type: `urn:flowyard:problem:${code}`,
    title: "",
    status,
    detail: "",
    code,
    instance: "r-1",
    errors: [],
  });
}

test("what is not there is nothing, and what fails otherwise fails", async () => {
  const archived = problem("instance_archived", 410);

  expect(await orNull(Promise.resolve(1))).toBe(1);
  expect(await orNull(Promise.reject(problem("not_found", 404)))).toBeNull();
  await expect(orNull(Promise.reject(archived))).rejects.toBe(archived);
});
