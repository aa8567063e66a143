import { createContext, use } from "react";
import type { SchemaInstanceView } from "@/api/schema";
import type { Layers, Picture } from "../logic/layers";
import type { RunSearch } from "../search";

/** What all parts of the page of a run look at. */
export interface RunState {
  readonly view: SchemaInstanceView;
  readonly document: Readonly<Record<string, unknown>>;
  readonly layers: Layers;
  readonly picture: Picture;
  readonly search: RunSearch;
  /** Change what the address says; null takes a thing out of it. */
  readonly go: (change: Change) => void;
}

export type Change = { readonly [K in keyof RunSearch]?: RunSearch[K] | null };

export const RunContext = createContext<RunState | null>(null);

export function useRunState(): RunState {
  const state = use(RunContext);
  if (state === null) throw new Error("Expected to stand within a page of a run");
  return state;
}
