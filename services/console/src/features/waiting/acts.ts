import type { WaitingNode } from "@/shared/waiting";

/** What can be done about a node in its place. */
export const ACTS = ["approve", "reject", "retry", "skip"] as const;

export type Act = (typeof ACTS)[number];

/** Acts that are said something about, and that nothing undoes. */
const DECISIONS: readonly Act[] = ["approve", "reject"];

/** Acts that are asked about before they are done: a slip of the finger cannot be taken back. */
const ASKED: readonly Act[] = [...DECISIONS, "skip"];

export function isAsked(act: Act): boolean {
  return ASKED.includes(act);
}

export function takesComment(act: Act): boolean {
  return DECISIONS.includes(act);
}

/** Return what may be done about a node now, in the order in which it is offered. */
export function actsOf(node: Pick<WaitingNode, "allowed" | "node_id">): readonly Act[] {
  // Where an instance has failed as a whole, there is no node to do anything about.
  return node.node_id === null ? [] : ACTS.filter((one) => node.allowed.includes(one));
}

/**
 * Return the name of one wait of one node.
 *
 * A node that fails again after a retry waits anew: it is another wait, and is shown again.
 */
export function waitOf(node: Pick<WaitingNode, "instance_id" | "node_id" | "since_at">): string {
  return `${node.instance_id} ${node.node_id ?? ""} ${node.since_at}`;
}

/** Return what is left of a list without the waits that were acted on. */
export function without(
  nodes: readonly WaitingNode[],
  done: ReadonlySet<string>,
): readonly WaitingNode[] {
  return done.size === 0 ? nodes : nodes.filter((node) => !done.has(waitOf(node)));
}

/**
 * Tell whether a node may lie behind the end of a list that is not whole.
 *
 * New ones at the top push others out of what is read at once: these wait still.
 */
export function isBeyond(
  node: Pick<WaitingNode, "since_at">,
  fresh: readonly Pick<WaitingNode, "since_at">[],
): boolean {
  const last = fresh.at(-1);
  return last === undefined || Date.parse(node.since_at) <= Date.parse(last.since_at);
}
