import type { QueryKey } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { throttle } from "@/shared/throttle";

const PAUSE_MS = 1000;

/** Have something read again whenever an instance has changed, but not faster than people read. */
export function useReread(queryKey: QueryKey, revision: number): void {
  const queries = useQueryClient();
  const name = JSON.stringify(queryKey);
  const reread = useMemo(
    () =>
      throttle(() => {
        void queries.invalidateQueries({ queryKey: JSON.parse(name) as QueryKey });
      }, PAUSE_MS),
    [queries, name],
  );
  useEffect(() => reread.cancel, [reread]);
  useEffect(() => {
    if (revision > 0) reread();
  }, [reread, revision]);
}
