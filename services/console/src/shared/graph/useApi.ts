import { getViewportForBounds, useReactFlow, useStoreApi } from "@xyflow/react";
import { useMemo } from "react";
import { START } from "@/canvas/flow";
import { sizeOf } from "@/canvas/size";
import type { CanvasEdge, CanvasNode } from "./build";
import type { GraphApi } from "./types";

const SOON = { duration: 160 } as const;

const FIT = { padding: 0.12, maxZoom: 1 } as const;

/** Smaller than this, nobody can read what stands on a node: then the beginning is shown. */
const READABLE = 0.5;
const BEGINNING_ZOOM = 0.75;
const BEGINNING_LEFT = 40;

/** A node that is brought into the middle is to be read. */
const LEAST_ZOOM = 0.7;

/** Number of frames that a node may take to appear: two seconds. */
const PATIENCE = 120;

/** What is shown at first. */
interface First {
  /** All of it, however small that makes it. */
  readonly isOverview: boolean;
  /** This node; where there is none, all of it or where it begins. */
  readonly startAt: string | undefined;
}

/** Return what a page may have the canvas do, and what shows the drawing at first. */
export function useApi(): GraphApi & { readonly begin: (first: First) => void } {
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const store = useStoreApi<CanvasNode, CanvasEdge>();
  return useMemo(() => {
    const element = () => store.getState().domNode;
    const centre = (id: string, options: { duration?: number } = SOON) => {
      const node = flow.getInternalNode(id);
      // Before it has a size, nothing can be brought into its middle: how it begins is settled then.
      if (node === undefined || store.getState().width === 0) return;
      const { x, y } = node.internals.positionAbsolute;
      const { width = 0, height = 0 } = node.measured;
      const zoom = Math.max(flow.getZoom(), LEAST_ZOOM);
      void flow.setCenter(x + width / 2, y + height / 2, { zoom, ...options });
    };
    const isSeen = (id: string, isWhole = false) => {
      const [left, top, zoom] = store.getState().transform;
      const { width, height } = store.getState();
      const node = flow.getInternalNode(id);
      if (node === undefined) return true;
      const { x, y } = node.internals.positionAbsolute;
      const half = [(node.measured.width ?? 0) / 2, (node.measured.height ?? 0) / 2] as const;
      const across = (x + half[0]) * zoom + left;
      const down = (y + half[1]) * zoom + top;
      const [beside, above] = isWhole ? [half[0] * zoom, half[1] * zoom] : [0, 0];
      const isAcross = across >= beside && across <= width - beside;
      return isAcross && down >= above && down <= height - above;
    };
    const focus = (id: string, patience = PATIENCE) => {
      if (!isSeen(id)) centre(id, { duration: 0 });
      // What was out of sight, or is being laid out, is in the page only some frames later.
      requestAnimationFrame(() => {
        const found = element()?.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"]`);
        if (found instanceof HTMLElement) found.focus({ preventScroll: true });
        else if (patience > 0) focus(id, patience - 1);
      });
    };
    const placeAt = (x: number, y: number) => {
      const at = flow.screenToFlowPosition({ x, y });
      return [Math.round(at.x), Math.round(at.y)] as const;
    };
    const whole = () => {
      const { width, height, minZoom } = store.getState();
      const bounds = flow.getNodesBounds(flow.getNodes());
      return getViewportForBounds(bounds, width, height, minZoom, FIT.maxZoom, FIT.padding);
    };
    const begin = ({ isOverview, startAt }: First) => {
      const { height } = store.getState();
      const all = whole();
      const start = flow.getNode(START);
      const isReadable = isOverview || all.zoom >= READABLE || start === undefined;
      const zoom = BEGINNING_ZOOM;
      const [x, y] = [BEGINNING_LEFT, height / 2];
      const beginning = () => ({
        zoom,
        x: x - (start?.position.x ?? 0) * zoom,
        y: y - ((start?.position.y ?? 0) + sizeOf("start").height / 2) * zoom,
      });
      void flow.setViewport(isReadable ? all : beginning());
      if (startAt !== undefined) centre(startAt, { duration: 0 });
    };
    return {
      begin,
      fit: (ids) =>
        void flow.fitView({
          ...{ ...FIT, ...SOON },
          ...(ids !== undefined && { nodes: ids.map((id) => ({ id })) }),
        }),
      centre: (id) => centre(id),
      reveal: (ids, isWhole) => {
        const hidden = ids.find((id) => !isSeen(id, isWhole));
        if (hidden === undefined) return;
        const all = whole();
        if (all.zoom >= READABLE) void flow.setViewport(all, SOON);
        else centre(hidden);
      },
      focus: (id) => focus(id),
      zoomIn: () => void flow.zoomIn(SOON),
      zoomOut: () => void flow.zoomOut(SOON),
      placeAt,
      middle: () => {
        const box = element()?.getBoundingClientRect();
        if (box === undefined) return [0, 0];
        return placeAt(box.left + box.width / 2, box.top + box.height / 2);
      },
    };
  }, [flow, store]);
}
