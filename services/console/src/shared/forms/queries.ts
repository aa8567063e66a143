import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

const MINUTE_MS = 60_000;
const MOST = 200;

/** Names of a project's secrets: what is in them is never seen. */
export function secretsQuery(project: string) {
  return queryOptions({
    queryKey: ["secrets", project, "names"],
    queryFn: async ({ signal }): Promise<readonly string[]> => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/secrets", {
          params: { path: { project }, query: { limit: MOST } },
          signal,
        }),
      );
      return page.items.map((one) => one.name);
    },
    staleTime: MINUTE_MS,
  });
}

/** One published version: what it asks for, and its execution schemes. */
export function versionQuery(project: string, template: string, number: number) {
  return queryOptions({
    queryKey: ["templates", project, "version", template, number],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}/versions/{number}", {
          params: { path: { project, template, number } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });
}
