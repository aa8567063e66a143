/** How large nodes are drawn, in pixels: the canvas knows it before anything is on the screen. */

import type { NodeKind } from "./flow";
import { isGateway } from "./flow";

export interface Size {
  readonly width: number;
  readonly height: number;
}

const CARD: Size = { width: 208, height: 64 };
const DIAMOND: Size = { width: 56, height: 56 };
const CIRCLE: Size = { width: 44, height: 44 };

/** What is drawn below a diamond or a circle belongs to it, but is not part of it. */
export const LABEL_HEIGHT = 22;

export function sizeOf(kind: NodeKind): Size {
  if (kind === "start" || kind === "end") return CIRCLE;
  return isGateway(kind) || kind === "converge" ? DIAMOND : CARD;
}

/** Whether a node's name stands below it instead of within. */
export function isLabelledBelow(kind: NodeKind): boolean {
  return sizeOf(kind) !== CARD;
}
