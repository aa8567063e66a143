import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Json } from "@/canvas/flow";
import { drawingOf } from "@/canvas/layout";
import { Sketch, canvasIds } from "./logic/flow";
import { LookBook, edgeLooksOf, sizesOf } from "./logic/looks";
import type { RunState } from "./components/context";
import { useLookWords } from "./components/words";

/** What the canvas needs of a run. The shape is laid out anew only where it is another one. */
export function useDrawing({ layers, picture, document }: RunState) {
  const words = useLookWords();
  const [book] = useState(() => new LookBook());
  const root = layers.get("")?.graph;
  const ids = useMemo(() => canvasIds(root), [root]);
  const [sketch] = useState(() => new Sketch());
  const { flow, shape } = sketch.of(picture, layers, ids, document as Json);
  const allSizes = sizesOf(picture);
  const stamp = JSON.stringify(allSizes);
  const sizes = useSame(allSizes, stamp);
  const layout = useQuery({
    queryKey: ["layout", shape, stamp],
    queryFn: () => drawingOf(flow, { sizes }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const looks = useMemo(() => book.looks(picture, ids, words), [book, picture, ids, words]);
  const edgeLooks = useMemo(() => edgeLooksOf(flow, picture, ids), [flow, picture, ids]);
  const retry = () => void layout.refetch();
  const { data: drawing, error } = layout;
  return { flow, ids, sizes, looks, edgeLooks, drawing, error, retry };
}

/** Return the first of all values that go by the same name. */
function useSame<T>(value: T, name: string): T {
  const [kept, keep] = useState({ value, name });
  if (kept.name === name) return kept.value;
  keep({ value, name });
  return value;
}
