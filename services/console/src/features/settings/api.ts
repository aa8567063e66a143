import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type { SchemaCategoriesView, SchemaComponentsView, SchemaVariableView } from "@/api/schema";

const PAGE_SIZE = 100;

/** A project's variables, by name. */
export function variablesQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: ["variables", project],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/variables", {
          params: { path: { project }, query: pageOf(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** The names of a project's secrets. */
export function secretsQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: ["secrets", project],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/secrets", {
          params: { path: { project }, query: pageOf(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

function pageOf(cursor: string | null) {
  return { limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
}

export interface NewVariable {
  readonly name: string;
  readonly value: unknown;
  readonly description: string;
}

export function putVariable(project: string, variable: NewVariable): Promise<SchemaVariableView> {
  const { name, value, description } = variable;
  return body(
    api.PUT("/api/v1/projects/{project}/variables/{name}", {
      params: { path: { project, name }, header: once() },
      body: { value: value, description },
    }),
  );
}

export function deleteVariable(project: string, name: string): Promise<SchemaVariableView> {
  return body(
    api.DELETE("/api/v1/projects/{project}/variables/{name}", {
      params: { path: { project, name }, header: once() },
    }),
  );
}

export function componentsQuery(project: string) {
  return queryOptions({
    queryKey: ["component-table", project],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/component-table", {
          params: { path: { project } },
          signal,
        }),
      ),
  });
}

type Rules = SchemaComponentsView["rules"];

export function putComponents(project: string, rules: Rules): Promise<SchemaComponentsView> {
  return body(
    api.PUT("/api/v1/projects/{project}/component-table", {
      params: { path: { project }, header: once() },
      body: { rules },
    }),
  );
}

/** Replace the categories that a project offers; none brings the default ones back. */
export function putCategories(
  project: string,
  names: readonly string[],
): Promise<SchemaCategoriesView> {
  return body(
    api.PUT("/api/v1/projects/{project}/categories", {
      params: { path: { project }, header: once() },
      body: { names: [...names] },
    }),
  );
}

/** A project's own templates, to choose who else sees them. */
export function ownTemplatesQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: ["templates", project, "sharing"],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates", {
          params: {
            path: { project },
            query: { limit: PAGE_SIZE, ...(pageParam !== null && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
