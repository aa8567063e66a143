import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

/** The categories that a project offers, then those that only templates name. */
export function categoriesQuery(project: string) {
  return queryOptions({
    queryKey: ["categories", project],
    queryFn: async ({ signal }) => {
      const path = { project };
      const found = api.GET("/api/v1/projects/{project}/categories", { params: { path }, signal });
      return (await body(found)).items;
    },
  });
}
