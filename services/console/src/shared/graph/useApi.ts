import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useMemo } from "react";
import { START } from "@/canvas/flow";
import type { CanvasEdge, CanvasNode } from "./build";
import type { GraphApi } from "./types";

const SOON = { duration: 160 } as const;

const FIT = { padding: 0.12, maxZoom: 1 } as const;

/** Smaller than this, nobody can read what stands on a node: then the beginning is shown. */
const READABLE = 0.45;
const BEGINNING_ZOOM = 0.75;
const BEGINNING_LEFT = 40;

/** Number of frames that a node may take to appear: two seconds. */
const PATIENCE = 120;

/** Return what a page may have the canvas do, and what shows the drawing at first. */
export function useApi(): GraphApi & { readonly begin: () => void } {
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const store = useStoreApi<CanvasNode, CanvasEdge>();
  return useMemo(() => {
    const element = () => store.getState().domNode;
    const centre = (id: string, options: { duration?: number } = SOON) => {
      const node = flow.getInternalNode(id);
      if (node === undefined) return;
      const { x, y } = node.internals.positionAbsolute;
      const { width = 0, height = 0 } = node.measured;
      const zoom = Math.max(flow.getZoom(), 0.6);
      void flow.setCenter(x + width / 2, y + height / 2, { zoom, ...options });
    };
    const isSeen = (id: string) => {
      const [left, top, zoom] = store.getState().transform;
      const { width, height } = store.getState();
      const node = flow.getInternalNode(id);
      if (node === undefined) return true;
      const { x, y } = node.internals.positionAbsolute;
      const across = (x + (node.measured.width ?? 0) / 2) * zoom + left;
      const down = (y + (node.measured.height ?? 0) / 2) * zoom + top;
      return across >= 0 && down >= 0 && across <= width && down <= height;
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
    const begin = () => {
      const box = element()?.getBoundingClientRect();
      const bounds = flow.getNodesBounds(flow.getNodes());
      if (box === undefined || bounds.width === 0) return;
      const whole = Math.min(box.width / bounds.width, box.height / bounds.height);
      const start = flow.getNode(START);
      if (whole >= READABLE || start === undefined) {
        void flow.fitView(FIT);
        return;
      }
      const zoom = BEGINNING_ZOOM;
      void flow.setViewport({
        zoom,
        x: BEGINNING_LEFT - start.position.x * zoom,
        y: box.height / 2 - start.position.y * zoom,
      });
    };
    return {
      begin,
      fit: (ids) =>
        void flow.fitView({
          ...{ ...FIT, ...SOON },
          ...(ids !== undefined && { nodes: ids.map((id) => ({ id })) }),
        }),
      centre: (id) => centre(id),
      reveal: (id) => {
        if (!isSeen(id)) centre(id);
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
