import { expect, test } from "vitest";
import { attempt, instance, node } from "./made";
import { wantedOf } from "./wanted";

test("what has failed, what is to be decided and what has stopped within a subflow wants a person", () => {
  const child = (status: string) => attempt(1, { child: { instance_id: "c1", status } });
  const view = instance([
    node("broken", { status: "failed", reason: "incident" }),
    node("ask", { status: "waiting", reason: "approval" }),
    node("outer", { status: "waiting", reason: "child", attempts: [child("failed")] }),
    node("busy", { status: "waiting", reason: "child", attempts: [child("running")] }),
    node("works", { status: "running", reason: "running" }),
    node("done", { status: "succeeded" }),
  ]);

  expect(wantedOf(view).map((one) => one.node_id)).toEqual(["broken", "ask", "outer"]);
});

test("a map answers for its failed items, however many it has", () => {
  const view = instance([
    node("roll", { kind: "map", status: "failed", reason: "incident" }),
    node("roll:3", { parent: "roll", status: "failed", reason: "incident" }),
    node("roll:4", { parent: "roll", status: "waiting", reason: "approval" }),
    node("roll:rollback", { parent: "roll", status: "failed", reason: "incident" }),
  ]);

  expect(wantedOf(view).map((one) => one.node_id)).toEqual(["roll", "roll:4", "roll:rollback"]);
});
