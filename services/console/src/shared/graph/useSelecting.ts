import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useEffect, useRef } from "react";
import type { CanvasEdge, CanvasNode } from "./build";

type Changes = NodeChange<CanvasNode>[] | EdgeChange<CanvasEdge>[];

/**
 * Return what gathers changes of what is selected.
 *
 * The canvas tells of nodes and edges apart, one after the other; the page hears of both at once.
 */
export function useSelecting(
  selected: ReadonlySet<string>,
  onSelect: (selected: ReadonlySet<string>) => void,
): (changes: Changes) => void {
  const state = useRef({ selected, onSelect, pending: null as Set<string> | null });
  useEffect(() => {
    state.current.selected = selected;
    state.current.onSelect = onSelect;
  }, [selected, onSelect]);
  return useCallback((changes: Changes) => {
    const { current } = state;
    for (const change of changes) {
      if (change.type !== "select") continue;
      if (current.pending === null) {
        current.pending = new Set(current.selected);
        queueMicrotask(() => {
          const found = current.pending ?? new Set<string>();
          current.pending = null;
          if (!isSame(found, current.selected)) current.onSelect(found);
        });
      }
      if (change.selected) current.pending.add(change.id);
      else current.pending.delete(change.id);
    }
  }, []);
}

function isSame(before: ReadonlySet<string>, after: ReadonlySet<string>): boolean {
  return before.size === after.size && [...before].every((id) => after.has(id));
}
