import { useEffect, useMemo, useState } from "react";
import type { Flow, Positions } from "@/canvas/flow";
import type { Direction, Drawing, Routes } from "@/canvas/layout";
import { completed, directionOf, drawn, isPlaced } from "@/canvas/layout";

export interface Laid {
  readonly positions: Positions;
  /** Where lines go round something; of none in a flow that somebody has placed. */
  readonly routes: Routes;
  readonly direction: Direction;
  /** False until it has been laid out for the first time. */
  readonly isReady: boolean;
}

const NOWHERE: Positions = {};
const STRAIGHT: Routes = {};

/** Return where the nodes of a flow stand; what nobody has placed is laid out beside the page. */
export function useLayout(flow: Flow): Laid {
  const [laid, setLaid] = useState<Drawing | null>(null);
  const isByHand = isPlaced(flow);
  const direction = useMemo(() => directionOf(flow.positions), [flow.positions]);
  // Texts make no difference to where things stand: only what there is, and what leads where.
  const shape = useMemo(() => (isByHand ? "" : shapeOf(flow)), [flow, isByHand]);
  useEffect(() => {
    if (shape === "") return undefined;
    let isCurrent = true;
    void drawn(flow).then((drawing) => {
      if (isCurrent) setLaid(drawing);
    });
    return () => {
      isCurrent = false;
    };
    // The flow is what the shape was made of.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape]);
  const placed = useMemo(
    () => (isByHand ? completed(flow, { direction }) : null),
    [flow, isByHand, direction],
  );
  if (placed !== null) return { positions: placed, routes: STRAIGHT, direction, isReady: true };
  return {
    positions: laid?.positions ?? NOWHERE,
    routes: laid?.routes ?? STRAIGHT,
    direction: "right",
    isReady: laid !== null,
  };
}

function shapeOf(flow: Flow): string {
  return JSON.stringify([
    flow.nodes.map(({ id, kind }) => [id, kind]),
    flow.edges.map(({ source, target, label }) => [source, target, label !== undefined]),
  ]);
}
