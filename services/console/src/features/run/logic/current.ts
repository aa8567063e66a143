import type { Placed, Picture } from "./layers";

const UNDER_WAY = new Set(["ready", "running", "waiting", "failed"]);

/** Reasons of nodes that only wait for others of the same picture. */
const PASSIVE = new Set(["branches", "inner", "items", "child"]);

/**
 * Return where the flow is: the node that was reached last among those that are under way.
 *
 * One that works goes before one that waits, and one that has stopped before both: it wants somebody.
 */
export function currentOf(picture: Picture): string | null {
  let best: Placed | null = null;
  for (const one of picture.nodes.values()) {
    if (one.node === null || !UNDER_WAY.has(one.node.status)) continue;
    if (
      best === null ||
      rank(one) > rank(best) ||
      (rank(one) === rank(best) && isLater(one, best))
    ) {
      best = one;
    }
  }
  return best?.place ?? null;
}

function rank({ node, isOpen }: Placed): number {
  if (node?.status === "failed") return 3;
  if (node?.status === "running" || node?.reason === "running") return 2;
  return isOpen || PASSIVE.has(node?.reason ?? "") ? 0 : 1;
}

function isLater(one: Placed, other: Placed): boolean {
  return (one.node?.reached_at ?? "") > (other.node?.reached_at ?? "");
}
