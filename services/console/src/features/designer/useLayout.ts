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
  /** Why it could not be laid out as it is now. */
  readonly error: unknown;
  readonly retry: () => void;
}

const NOWHERE: Positions = {};
const STRAIGHT: Routes = {};

/** Return where the nodes of a flow stand; what nobody has placed is laid out beside the page. */
export function useLayout(flow: Flow): Laid {
  const [laid, setLaid] = useState<Drawing | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const isByHand = isPlaced(flow);
  const direction = useMemo(() => directionOf(flow.positions), [flow.positions]);
  // Texts make no difference to where things stand: only what there is, and what leads where.
  const shape = useMemo(() => (isByHand ? "" : shapeOf(flow)), [flow, isByHand]);
  useEffect(() => {
    if (shape === "") return undefined;
    let isCurrent = true;
    drawn(flow).then(
      (drawing) => {
        if (!isCurrent) return;
        setLaid(drawing);
        setError(null);
      },
      (reason: unknown) => {
        if (isCurrent) setError(reason);
      },
    );
    return () => {
      isCurrent = false;
    };
    // The flow is what the shape was made of.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, tries]);
  const placed = useMemo(
    () => (isByHand ? completed(flow, { direction }) : null),
    [flow, isByHand, direction],
  );
  const retry = () => {
    setError(null);
    setTries((before) => before + 1);
  };
  if (placed !== null) {
    return { positions: placed, routes: STRAIGHT, direction, isReady: true, error: null, retry };
  }
  return {
    positions: laid?.positions ?? NOWHERE,
    routes: laid?.routes ?? STRAIGHT,
    direction: "right",
    isReady: laid !== null,
    error,
    retry,
  };
}

function shapeOf(flow: Flow): string {
  return JSON.stringify([
    flow.nodes.map(({ id, kind }) => [id, kind]),
    flow.edges.map(({ source, target, label }) => [source, target, label !== undefined]),
  ]);
}
