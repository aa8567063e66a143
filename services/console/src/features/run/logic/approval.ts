import type { SchemaNodeView } from "@/api/schema";

/** What a node asks a person, and what was answered. */
export interface Approval {
  readonly message: string;
  readonly approvers: readonly string[];
  readonly since: string | null;
  /** When it fails because nobody has decided; null where it waits for as long as it takes. */
  readonly until: string | null;
  /** Null while it is open, or where it ended in another way. */
  readonly decision: Decision | null;
}

export interface Decision {
  readonly isApproved: boolean;
  readonly actor: string;
  readonly comment: string;
}

/** Return the decision that a node is about. */
export function approvalOf(node: SchemaNodeView): Approval {
  const attempt = node.attempts.at(-1);
  const inputs = attempt?.inputs ?? {};
  const { message, approvers } = inputs;
  const outputs = attempt?.outputs ?? (node.reason === "approval" ? null : node.outputs);
  return {
    message: typeof message === "string" ? message : "",
    approvers: Array.isArray(approvers) ? approvers.filter((one) => typeof one === "string") : [],
    since: attempt?.opened_at ?? node.reached_at,
    until: attempt?.wait_until ?? node.deadline_at,
    decision: decisionOf(outputs) ?? refusalOf(attempt?.failure?.code),
  };
}

/** Where a no fails the node, its outputs may not be kept; that it was a no is its code. */
function refusalOf(code: string | undefined): Decision | null {
  return code === "rejected" ? { isApproved: false, actor: "", comment: "" } : null;
}

function decisionOf(outputs: Readonly<Record<string, unknown>> | null): Decision | null {
  const approved = outputs?.["approved"];
  if (typeof approved !== "boolean") return null;
  const { actor, comment } = outputs ?? {};
  return {
    isApproved: approved,
    actor: typeof actor === "string" ? actor : "",
    comment: typeof comment === "string" ? comment : "",
  };
}
