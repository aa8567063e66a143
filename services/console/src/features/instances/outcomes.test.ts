import { expect, test } from "vitest";
import type { SchemaTakenView } from "@/api/schema";
import type { Outcome } from "./outcomes";
import { readOutcomes } from "./outcomes";

function taken(id: string): SchemaTakenView {
  return { instance_id: id, node_id: null, command_id: 1, problem: null };
}

function open(instanceId: string): Outcome {
  return { instanceId, state: "open", detail: null };
}

test("outcomes stay in order, and few are asked for at once", async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `i${index}`);
  let underWay = 0;
  let most = 0;
  const read = async (_: SchemaTakenView, before: Outcome): Promise<Outcome> => {
    most = Math.max(most, (underWay += 1));
    await Promise.resolve();
    underWay -= 1;
    return { ...before, state: "applied" };
  };

  const found = await readOutcomes(ids.map(taken), ids.map(open), read);

  expect(found.map((one) => one.instanceId)).toEqual(ids);
  expect(found.every((one) => one.state === "applied")).toBe(true);
  expect(most).toBe(4);
});
