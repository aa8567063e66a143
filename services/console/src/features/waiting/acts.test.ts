import { expect, test } from "vitest";
import type { WaitingNode } from "@/shared/waiting";
import { actsOf, isAsked, isBeyond, takesComment, waitOf, without } from "./acts";

function node(id: string, since = "2026-03-04T12:00:00Z"): WaitingNode {
  return { instance_id: "i", node_id: id, since_at: since } as WaitingNode;
}

test("only what the status allows is offered, in one order", () => {
  const of = (...allowed: string[]) => actsOf({ allowed, node_id: "a" });

  expect(of("skip", "force_succeed", "retry")).toEqual(["retry", "skip"]);
  expect(of("reject", "approve")).toEqual(["approve", "reject"]);
  expect(of()).toEqual([]);
  expect(actsOf({ allowed: ["retry"], node_id: null })).toEqual([]);
});

test("what cannot be taken back is asked about, and decisions take a comment", () => {
  expect(["approve", "reject", "retry", "skip"].map((one) => isAsked(one as "skip"))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(takesComment("approve")).toBe(true);
  expect(takesComment("skip")).toBe(false);
});

test("a node that was acted on is gone until it waits again", () => {
  const before = node("a");
  const done = new Set([waitOf(before)]);

  expect(without([before, node("b")], done)).toEqual([node("b")]);
  expect(without([node("a", "2026-03-04T12:05:00Z")], done)).toHaveLength(1);
});

test("what new ones have pushed out of the list still waits", () => {
  const fresh = [node("c", "2026-03-04T12:02:00Z"), node("b", "2026-03-04T12:01:00Z")];

  expect(isBeyond(node("a", "2026-03-04T12:00:00Z"), fresh)).toBe(true);
  expect(isBeyond(node("a", "2026-03-04T12:01:30Z"), fresh)).toBe(false);
});
