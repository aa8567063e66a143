import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

/** Schedulers tell the load every second; nobody reads numbers faster than this. */
const PAUSE_MS = 5000;

/** How much waits in each queue. */
export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/queues", { signal })),
  refetchInterval: PAUSE_MS,
});
