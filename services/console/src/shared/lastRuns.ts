import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { SchemaRunView } from "@/api/schema";

const MOST_RUNS = 5;

/** The last runs of templates by their ids; one question for a whole page of them. */
export function lastRunsQuery(project: string, templates: readonly string[]) {
  return queryOptions({
    // Among the lists of instances: they are read again as instances change.
    queryKey: ["instances", project, "last-runs", templates],
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, readonly SchemaRunView[]>> => {
      const found = await body(
        api.GET("/api/v1/projects/{project}/last-runs", {
          params: {
            path: { project },
            query: { template_id: [...templates], each: MOST_RUNS },
          },
          signal,
        }),
      );
      return new Map(found.items.map((one) => [one.template_id, one.runs]));
    },
    enabled: templates.length > 0,
    placeholderData: keepPreviousData,
  });
}
