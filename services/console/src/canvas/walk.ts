/** Going from node to node by the arrow keys. */

import type { Flow, Positions } from "./flow";

export type Heading = "left" | "right" | "up" | "down";

/** Where each arrow key leads, by its name. */
export const HEADINGS: Readonly<Record<string, Heading>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** How much farther another node may be than one that is connected, and still be chosen. */
const CONNECTED_FACTOR = 0.4;
/** How much more a step aside counts than one in the wanted direction. */
const ASIDE_FACTOR = 2.5;

/** Return the node that lies next in a direction, or null. */
export function neighbour(
  flow: Flow,
  positions: Positions,
  from: string,
  heading: Heading,
): string | null {
  const here = positions[from];
  if (here === undefined) return null;
  const connected = new Set(
    flow.edges.flatMap(({ source, target }) =>
      source === from ? [target] : target === from ? [source] : [],
    ),
  );
  const sign = heading === "right" || heading === "down" ? 1 : -1;
  const axis = heading === "right" || heading === "left" ? 0 : 1;
  let best: string | null = null;
  let least = Infinity;
  for (const [id, at] of Object.entries(positions)) {
    const along = (at[axis] - here[axis]) * sign;
    const aside = Math.abs(at[(1 - axis) as 0 | 1] - here[(1 - axis) as 0 | 1]);
    if (id === from || along <= 0 || (along < aside && !connected.has(id))) continue;
    const cost = (along + ASIDE_FACTOR * aside) * (connected.has(id) ? CONNECTED_FACTOR : 1);
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}
