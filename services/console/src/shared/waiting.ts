import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { SchemaWaitingCountView, SchemaWaitingView } from "@/api/schema";
import { useProjectChanges } from "./changes";

/** One node that waits for a person. */
export type WaitingNode = SchemaWaitingView;

/** How many nodes wait for a person. */
export type WaitingCount = SchemaWaitingCountView;

export const WAITING_KEY = "waiting";

/** How many nodes of a project wait for a decision, or after a failure. */
export function waitingCountQuery(project: string, isMine = false) {
  return queryOptions({
    queryKey: [WAITING_KEY, project, "count", isMine],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/waiting/count", {
          params: { path: { project }, query: { mine: isMine } },
          signal,
        }),
      ),
  });
}

/** The newest of what waits in a project. */
export function firstWaitingQuery(project: string, limit: number) {
  return queryOptions({
    queryKey: [WAITING_KEY, project, "first", limit],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/waiting", {
          params: { path: { project }, query: { limit, sort: "-since" } },
          signal,
        }),
      ),
  });
}

/** Return counts as they are shown: beyond their bound, which costs too much to count, as "100+". */
export function shownCounts(counts: WaitingCount): Record<"all" | "approval" | "failure", string> {
  const { approvals, failures, bound } = counts;
  const shown = (count: number, isWhole: boolean) => `${count}${isWhole ? "" : "+"}`;
  return {
    all: shown(approvals + failures, approvals < bound && failures < bound),
    approval: shown(approvals, approvals < bound),
    failure: shown(failures, failures < bound),
  };
}

/** Have what waits in a project read again as its instances change. */
export function useLiveWaiting(project: string | null, pauseMs: number): void {
  const queries = useQueryClient();
  useProjectChanges(
    project,
    () => void queries.invalidateQueries({ queryKey: [WAITING_KEY, project] }),
    pauseMs,
  );
}
