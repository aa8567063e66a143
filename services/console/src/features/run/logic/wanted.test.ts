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
