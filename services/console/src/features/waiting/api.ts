import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type { SchemaAcceptedView } from "@/api/schema";
import { WAITING_KEY } from "@/shared/waiting";
import type { Act } from "./acts";
import type { WaitingSearch } from "./search";

const PAGE_SIZE = 30;

/** How long an answer may take to say what became of an act; its owner needs a moment. */
const WAIT_SECONDS = 10;

/** What waits, the newest first unless it is asked for otherwise. */
export function waitingQuery(project: string, search: WaitingSearch) {
  return infiniteQueryOptions({
    queryKey: [WAITING_KEY, project, "list", search],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/waiting", {
          params: {
            path: { project },
            query: {
              limit: PAGE_SIZE,
              sort: "-since",
              ...search,
              ...(pageParam !== null && { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Do something about a node; resolves once its owner has done it, or has not within seconds. */
export function act(
  instance: string,
  node: string,
  wanted: Act,
  comment: string,
): Promise<SchemaAcceptedView> {
  const params = {
    path: { instance_id: instance, node_id: node },
    query: { wait: WAIT_SECONDS },
    header: once(),
  };
  switch (wanted) {
    case "approve":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/approve", {
          params,
          body: { comment },
        }),
      );
    case "reject":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/reject", {
          params,
          body: { comment },
        }),
      );
    case "retry":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/retry", { params }),
      );
    case "skip":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/{action}", {
          params: { ...params, path: { ...params.path, action: "skip" } },
        }),
      );
  }
}
