import { expect, test } from "vitest";
import { attempt, graph, instance, node } from "./made";
import { leafOf, waitOf } from "./waits";

const GRAPH = graph("start a, a meet, b meet, meet end", [
  { id: "a", kind: "activity", activity: { plugin: "noop", version: "1.0", queue: "slow" } },
]);

function waited(of: ReturnType<typeof node>, ...others: ReturnType<typeof node>[]) {
  return waitOf(instance([of, ...others]), GRAPH, of.node_id, of);
}

const open = { status: "waiting", reached_at: "2026-03-04T12:00:00Z" } as const;

test("what has not been reached says whether it still may be", () => {
  const pending = node("a");
  const of = (status: string) => waitOf(instance([pending], { status }), GRAPH, "a", pending)?.key;

  expect(of("created")).toBe("notStarted");
  expect(of("running")).toBe("notReached");
  expect(of("succeeded")).toBe("never");
  expect(waitOf(instance([]), GRAPH, "a", null)?.key).toBe("leftOut");
});

test("what has ended waits for nothing", () => {
  expect(waited(node("a", { status: "succeeded" }))).toBeNull();
});

test("a queued node names its queue", () => {
  expect(waited(node("a", { ...open, reason: "queued" }))).toMatchObject({
    key: "queued",
    values: { queue: "slow" },
  });
});

test("a wait for a person ends with its own time or the node's deadline, whichever is first", () => {
  const at = (wait_until: string | null, deadline_at: string | null) =>
    waited(
      node("a", {
        ...open,
        reason: "approval",
        deadline_at,
        attempts: [attempt(1, { wait_until })],
      }),
    );

  expect(at("2026-03-04T13:00:00Z", "2026-03-04T14:00:00Z")?.until).toBe("2026-03-04T13:00:00Z");
  expect(at("2026-03-04T15:00:00Z", "2026-03-04T14:00:00Z")?.until).toBe("2026-03-04T14:00:00Z");
  expect(at(null, null)?.until).toBeNull();
});

test("a pause before a retry says which attempt begins when", () => {
  const resume_at = "2026-03-04T12:05:00Z";
  const failed = node("a", { ...open, reason: "retry", resume_at, attempts: [attempt(1)] });

  expect(waited(failed)).toMatchObject({ key: "retry", values: { number: 2 }, until: resume_at });
});

test("a subflow says whether it runs, is paused, or wants a person", () => {
  const of = (status: string) =>
    waited(
      node("a", {
        ...open,
        reason: "child",
        attempts: [attempt(1, { child: { instance_id: "c", status } })],
      }),
    )?.key;

  expect([of("running"), of("failed"), of("paused")]).toEqual([
    "child",
    "childFailed",
    "childPaused",
  ]);
});

test("a converge names the branches that are missing", () => {
  const meet = node("meet", { ...open, kind: "converge", reason: "branches" });
  const wait = waited(meet, node("a", { status: "running" }), node("b", { status: "succeeded" }));

  expect(wait?.values).toEqual({ nodes: "a" });
  expect(wait && leafOf(wait)).toBe("branchesOf");
});

test("an inline subflow names what is under way in it", () => {
  const outer = node("a", { ...open, kind: "subflow", reason: "inner" });
  const wait = waited(
    outer,
    node("a.x", { parent: "a", status: "failed" }),
    node("a.y", { parent: "a", status: "succeeded" }),
  );

  expect(wait?.values).toEqual({ nodes: "x" });
});

test("a map counts its items, and says so where some have failed", () => {
  const map = node("a", {
    ...open,
    kind: "map",
    reason: "items",
    attempts: [attempt(1, { inputs: { items: ["x", "y", "z"] } })],
  });
  const wait = waited(
    map,
    node("a:0", { parent: "a", status: "succeeded" }),
    node("a:1", { parent: "a", status: "failed" }),
  );

  expect(wait?.values).toEqual({ total: 3, ended: 2, failed: 1 });
  expect(wait && leafOf(wait)).toBe("itemsFailed");
});

test("a reason that is not known is said as it is", () => {
  expect(waited(node("a", { ...open, reason: "moon" }))).toMatchObject({
    key: "other",
    values: { reason: "moon" },
  });
});
