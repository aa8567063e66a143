import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { operations } from "@/api/schema";
import { useProjectChanges } from "./changes";

/** What narrows a list of instances, as the API takes it. */
export type InstanceQuery = NonNullable<operations["get_instances"]["parameters"]["query"]>;

/** A list is read again at most this often, however much changes. */
const PAUSE_MS = 1000;

/** One page of a project's instances. */
export function instancesQuery(project: string, query: InstanceQuery) {
  return queryOptions({
    queryKey: ["instances", project, query],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/instances", {
          params: { path: { project }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** Have all shown lists of a project's instances read again as they change. */
export function useLiveInstances(project: string): void {
  const queries = useQueryClient();
  useProjectChanges(
    project,
    () => void queries.invalidateQueries({ queryKey: ["instances", project] }),
    PAUSE_MS,
  );
}
