import { useQuery } from "@tanstack/react-query";
import { nodeQuery } from "./api";
import { useRunState } from "./components/context";
import type { Found } from "./logic/found";
import { foundAt } from "./logic/found";
import { isItem } from "./logic/items";
import { partsOf } from "./logic/layers";
import { useReread } from "./useReread";

/** Return what stands at a place; an item of a large map is read by itself. */
export function useFound(place: string): Found | null {
  const { layers } = useRunState();
  const known = foundAt(layers, place);
  const { at, id } = partsOf(place);
  const layer = layers.get(at);
  const run = layer?.run?.instance;
  const isWanted = known === null && run !== undefined && isItem(id);
  const query = nodeQuery(run?.instance_id ?? "", id);
  const { data: node } = useQuery({ ...query, enabled: isWanted });
  useReread(query.queryKey, isWanted ? run.revision : 0);
  if (!isWanted || layer === undefined || node === undefined) return known;
  return { place, id, layer, vertex: null, node };
}
