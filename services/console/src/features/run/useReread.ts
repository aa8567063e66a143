import type { QueryKey } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import type { Throttled } from "@/shared/throttle";
import { throttle } from "@/shared/throttle";
import { readAgain } from "./readAgain";

const PAUSE_MS = 1000;

/** Have something read again whenever an instance has changed, but not faster than people read. */
export function useReread(queryKey: QueryKey, revision: number): void {
  const queries = useQueryClient();
  const name = JSON.stringify(queryKey);
  const reread = useMemo(
    () => throttle(() => readAgain(queries, JSON.parse(name) as QueryKey), PAUSE_MS),
    [queries, name],
  );
  useEffect(() => reread.cancel, [reread]);
  const begun = useRef<Throttled>(undefined);
  useEffect(() => {
    if (revision === 0) return;
    if (begun.current === reread) {
      reread();
      return;
    }
    begun.current = reread;
    // What begins to be read along with this is new enough; what was read before may not be.
    const wanted = { queryKey: JSON.parse(name) as QueryKey };
    void queries.invalidateQueries(wanted, { cancelRefetch: false });
  }, [queries, name, reread, revision]);
}
