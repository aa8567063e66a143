import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";

/** Operations on a node, in the order in which they are offered. */
export const NODE_VERBS = [
  "approve",
  "reject",
  "retry",
  "choose",
  "skip",
  "restart",
  "reset-timer",
  "force-succeed",
  "force-fail",
  "resume",
  "pause",
] as const;

export type NodeVerb = (typeof NODE_VERBS)[number];

/** Operations on an instance, in the order in which they are offered. */
export const RUN_VERBS = [
  "start",
  "resume",
  "pause",
  "set-variables",
  "set-priority",
  "clone",
  "rerun",
  "cancel",
] as const;

export type RunVerb = (typeof RUN_VERBS)[number];

/** Operations that are carried out at once: another one takes each back, or nothing is lost by it. */
const AT_ONCE: ReadonlySet<string> = new Set(["start", "pause", "resume"]);

/** Operations that nothing takes back. */
const FINAL: ReadonlySet<string> = new Set(["cancel", "force-fail", "restart", "skip", "reject"]);

/** Return the operations that a node takes now; nothing where it is no part of the instance. */
export function nodeVerbs(node: SchemaNodeView | null): readonly NodeVerb[] {
  return NODE_VERBS.filter((verb) => node?.allowed.includes(verb) === true);
}

/** Return the operations that an instance takes now. */
export function runVerbs(view: SchemaInstanceView): readonly RunVerb[] {
  return RUN_VERBS.filter((verb) => view.allowed.includes(verb));
}

/** Tell whether an operation is carried out without being asked about. */
export function isAtOnce(verb: string): boolean {
  return AT_ONCE.has(verb);
}

/** Tell whether an operation cannot be undone. */
export function isFinal(verb: string): boolean {
  return FINAL.has(verb);
}

/** Tell whether an operation is what people mostly come for, so that it stands first and alone. */
export function isMain(verb: NodeVerb): boolean {
  return verb === "approve" || verb === "reject" || verb === "retry" || verb === "choose";
}

/** Tell whether an instance can be run again from a node. */
export function canRerunFrom(view: SchemaInstanceView, node: SchemaNodeView | null): boolean {
  if (node === null || !view.allowed.includes("rerun")) return false;
  const isOfGraph = !node.node_id.includes(".") && !node.node_id.includes(":");
  return isOfGraph && node.kind !== "start" && node.kind !== "end";
}

/** Return what a person writes as JSON; what is wrong with it, if it is not an object. */
export function readObject(
  text: string,
): { readonly value: Record<string, unknown> } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: "" };
  }
  return { value: value as Record<string, unknown> };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Return how many seconds "90", "10m" or "1h 30m" are; null for what is no length of time. */
export function secondsOf(text: string): number | null {
  const parts = text.trim().toLowerCase().split(/\s+/);
  let total = 0;
  for (const part of parts) {
    const found = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(part);
    if (found === null) return null;
    total += Number(found[1]) * (UNITS[found[2] === "" ? "s" : (found[2] ?? "s")] ?? 1);
  }
  return total;
}
