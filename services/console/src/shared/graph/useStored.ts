import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import type { CanvasEdge, CanvasNode } from "./build";

/**
 * Hand the nodes over to the canvas, which keeps them by itself while they are dragged: a page that
 * held them would be drawn anew in each frame.
 */
export function useStored(nodes: CanvasNode[]): void {
  const store = useStoreApi<CanvasNode, CanvasEdge>();
  useEffect(() => {
    const { setNodes, nodeLookup } = store.getState();
    setNodes(
      nodes.map((node) => {
        const held = nodeLookup.get(node.id);
        return held?.dragging === true
          ? { ...node, position: held.position, dragging: true }
          : node;
      }),
    );
  }, [nodes, store]);
}
