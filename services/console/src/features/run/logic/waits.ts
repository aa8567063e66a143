import type { SchemaAttemptView, SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import type { Graph } from "./graph";
import { itemsOf } from "./items";

/** Why a node stands where it does, as a sentence of the locales and what belongs into it. */
export interface Wait {
  readonly key: WaitKey;
  readonly values: Readonly<Record<string, string | number>>;
  /** When that began, if it is known. */
  readonly since: string | null;
  /** When it ends by itself at the latest. */
  readonly until: string | null;
}

export type WaitKey =
  | "leftOut"
  | "notStarted"
  | "notReached"
  | "never"
  | "approval"
  | "branches"
  | "breakpoint"
  | "callback"
  | "child"
  | "childFailed"
  | "childPaused"
  | "concurrency"
  | "dispatched"
  | "incident"
  | "inner"
  | "items"
  | "paused"
  | "queued"
  | "retry"
  | "running"
  | "timer"
  | "other";

const FINAL = new Set(["succeeded", "cancelled"]);

/** Return why a node does not go on by itself right now; null where there is nothing to wait for. */
export function waitOf(
  view: SchemaInstanceView,
  graph: Graph,
  id: string,
  node: SchemaNodeView | null,
): Wait | null {
  if (node === null) return wait("leftOut");
  if (node.status === "pending") {
    if (view.status === "created") return wait("notStarted");
    return wait(FINAL.has(view.status) ? "never" : "notReached");
  }
  if (node.reason === null) return null;
  return reasonOf(view, graph, id, node);
}

function reasonOf(
  view: SchemaInstanceView,
  graph: Graph,
  id: string,
  node: SchemaNodeView,
): Wait | null {
  const attempt = node.attempts.at(-1);
  const until = attempt?.wait_until ?? null;
  const since = attempt?.opened_at ?? node.reached_at;
  const at = { since, until: earliest(until, node.deadline_at) };
  const reason: string = node.reason ?? "";
  switch (reason) {
    case "approval":
    case "callback":
      return wait(reason, {}, { ...at, since: beganWaiting(attempt) ?? since });
    case "timer":
      return wait("timer", {}, { since, until: until ?? node.check_at });
    case "retry":
      return wait(
        "retry",
        { number: node.attempts.length + 1 },
        { since: null, until: node.resume_at },
      );
    case "queued":
      return wait("queued", { queue: graph.vertices.get(id)?.queue ?? "default" }, at);
    case "dispatched":
      return wait("dispatched", {}, { ...at, since: attempt?.dispatched_at ?? since });
    case "running":
      return wait("running", {}, { ...at, since: attempt?.started_at ?? since });
    case "concurrency_key":
      return wait("concurrency", {}, { since: node.reached_at, until: node.deadline_at });
    case "child":
      return childWait(attempt, at);
    case "branches":
      return wait(
        "branches",
        { nodes: missingBranches(view, graph, id).join(", ") },
        { since: node.reached_at, until: null },
      );
    case "items": {
      const { total, ended, failed } = itemsOf(view, id, node);
      return wait("items", { total, ended, failed }, { since: node.reached_at, until: null });
    }
    case "inner":
      return wait(
        "inner",
        { nodes: innerOpen(view, id).join(", ") },
        { since: node.reached_at, until: node.deadline_at },
      );
    case "breakpoint":
    case "paused":
      return wait(reason, {}, { since: node.reached_at, until: null });
    case "incident":
      return wait("incident", {}, { since: node.ended_at, until: null });
    default:
      return wait("other", { reason }, at);
  }
}

interface Span {
  readonly since: string | null;
  readonly until: string | null;
}

function wait(
  key: WaitKey,
  values: Wait["values"] = {},
  { since, until }: Span = { since: null, until: null },
): Wait {
  return { key, values, since, until };
}

function childWait(attempt: SchemaAttemptView | undefined, at: Span): Wait {
  const status = attempt?.child?.status;
  if (status === "failed") return wait("childFailed", {}, at);
  return wait(status === "paused" ? "childPaused" : "child", {}, at);
}

/** A wait begins when the step that asks for it has ended; how long that took is not known. */
function beganWaiting(attempt: SchemaAttemptView | undefined): string | null {
  return attempt?.started_at ?? attempt?.dispatched_at ?? null;
}

/** Return what leads to a converge and has not come to its end. */
function missingBranches(view: SchemaInstanceView, graph: Graph, id: string): string[] {
  const sources = new Set(
    graph.edges.filter((edge) => edge.target === id).map((one) => one.source),
  );
  return view.nodes
    .filter((node) => sources.has(node.node_id) && !hasPassed(node))
    .map((node) => node.node_id);
}

function hasPassed(node: SchemaNodeView): boolean {
  return node.status === "succeeded" || node.status === "skipped";
}

/** Return which nodes of an inline subflow are under way or have failed. */
function innerOpen(view: SchemaInstanceView, id: string): string[] {
  return view.nodes
    .filter((node) => node.parent === id && isOpen(node) && node.node_id.startsWith(`${id}.`))
    .map((node) => node.node_id.slice(id.length + 1));
}

export function isOpen(node: SchemaNodeView): boolean {
  return ["ready", "running", "waiting", "failed"].includes(node.status);
}

function earliest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) < Date.parse(other) ? one : other;
}

/** Return which sentence says it: some are fuller where more is known. */
export function leafOf({ key, values }: Wait): WaitKey | "branchesOf" | "innerOf" | "itemsFailed" {
  if (key === "branches" && values["nodes"] !== "") return "branchesOf";
  if (key === "inner" && values["nodes"] !== "") return "innerOf";
  if (key === "items" && Number(values["failed"]) > 0) return "itemsFailed";
  return key;
}
