import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { SchemaInstanceView } from "@/api/schema";
import { follow } from "@/api/stream";
import { instanceQuery } from "./api";
import { MOST_ITEMS } from "./logic/items";
import type { InstanceChange } from "./logic/changes";
import { changed, later } from "./logic/changes";

/** Whether what is shown is what is. */
export type Link = "connecting" | "live" | "reconnecting" | "ended";

/** One instance as it is now, and as it becomes, and whether it is known as it is. */
export function useRun(instance: string) {
  const queries = useQueryClient();
  const [state, setState] = useState<{ readonly instance: string; readonly link: Link }>({
    instance,
    link: "connecting",
  });
  useEffect(() => {
    const set = (link: Link) => setState({ instance, link });
    return follow({
      path: `/api/v1/instances/${encodeURIComponent(instance)}/events?items_below=${MOST_ITEMS}`,
      last: "end",
      onOpen: () => set("live"),
      onBroken: () => set("reconnecting"),
      onEvent: ({ name, data }) => {
        if (name === "end") {
          set("ended");
          // What nodes allow that have not changed is another thing once all is over.
          void queries.invalidateQueries({ queryKey: instanceQuery(instance).queryKey });
        } else take(queries, instance, name, data);
      },
    });
  }, [instance, queries]);
  const query = useQuery(instanceQuery(instance, queries));
  return { ...query, link: state.instance === instance ? state.link : "connecting" };
}

function take(queries: QueryClient, instance: string, name: string, data: string): void {
  const key = instanceQuery(instance).queryKey;
  if (name === "snapshot") {
    const read = JSON.parse(data) as SchemaInstanceView;
    queries.setQueryData<SchemaInstanceView>(key, (view) => later(view, read));
  } else if (name === "change") {
    const change = JSON.parse(data) as InstanceChange;
    queries.setQueryData<SchemaInstanceView>(key, (view) => view && changed(view, change));
  }
}
