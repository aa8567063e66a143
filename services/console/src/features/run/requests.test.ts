import { expect, test } from "vitest";
import { ProblemError } from "@/api/problem";
import type { SchemaProblemView } from "@/api/schema";
import type { Request } from "./requests";
import { carryOut, isSettled } from "./requests";

const REFUSAL = new ProblemError({ status: 409, detail: "It is paused" } as SchemaProblemView);

test("what is refused is told with the reason, and never as done", async () => {
  const told: Partial<Request>[] = [];

  await carryOut(
    "i1",
    () => Promise.reject(REFUSAL),
    (change) => told.push(change),
  );

  expect(told).toEqual([{ state: "refused", error: REFUSAL }]);
});

test("only the owner's word settles a request", () => {
  const of = (state: Request["state"]) => isSettled({ state } as Request);

  expect([of("sending"), of("requested")]).toEqual([false, false]);
  expect([of("applied"), of("rejected"), of("refused")]).toEqual([true, true, true]);
});
