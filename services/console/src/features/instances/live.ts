import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { SchemaInstanceView } from "@/api/schema";
import { follow } from "@/api/stream";
import { instanceQuery } from "./api";
import type { InstanceChange } from "./changes";
import { changed } from "./changes";

/** One instance as it is now, and as it becomes. */
export function useInstance(instance: string) {
  const queries = useQueryClient();
  const { queryKey } = instanceQuery(instance);
  useEffect(
    () =>
      follow({
        path: `/api/v1/instances/${encodeURIComponent(instance)}/events`,
        last: "end",
        onEvent: ({ name, data }) => {
          const key = instanceQuery(instance).queryKey;
          if (name === "snapshot") {
            queries.setQueryData(key, JSON.parse(data) as SchemaInstanceView);
          } else if (name === "change") {
            const change = JSON.parse(data) as InstanceChange;
            queries.setQueryData(key, (view) => view && changed(view, change));
          }
        },
      }),
    [instance, queries],
  );
  return useQuery({ ...instanceQuery(instance), queryKey });
}
