import { useQuery } from "@tanstack/react-query";
import { ProblemError } from "@/api/problem";
import { nodeQuery } from "./api";
import { useRunState } from "./components/context";
import type { Found } from "./logic/found";
import { foundAt } from "./logic/found";
import { isItem } from "./logic/items";
import { partsOf } from "./logic/layers";
import { useReread } from "./useReread";

/** What is known of what stands at a place. */
export interface Finding {
  /** Null where nothing stands there, and while it is not known. */
  readonly found: Found | null;
  readonly isLoading: boolean;
  /** Why it could not be read; that there is no such node is no error. */
  readonly error: Error | null;
  readonly onRetry: () => void;
}

/** Return what stands at a place; an item of a large map is read by itself. */
export function useFound(place: string): Finding {
  const { layers } = useRunState();
  const known = foundAt(layers, place);
  const { at, id } = partsOf(place);
  const layer = layers.get(at);
  const run = layer?.run?.instance;
  const isWanted = known === null && run !== undefined && isItem(id);
  const query = nodeQuery(run?.instance_id ?? "", id);
  const { data: node, isLoading, error, refetch } = useQuery({ ...query, enabled: isWanted });
  useReread(query.queryKey, isWanted ? run.revision : 0);
  const onRetry = () => void refetch();
  if (!isWanted || layer === undefined) {
    return { found: known, isLoading: false, error: null, onRetry };
  }
  const found = node === undefined ? null : { place, id, layer, vertex: null, node };
  const isAbsent = error instanceof ProblemError && error.status === 404;
  return { found, isLoading, error: isAbsent ? null : error, onRetry };
}
