import { queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type { SchemaCommandView, SchemaFilterView, SchemaTakenListView } from "@/api/schema";
import type { InstanceQuery } from "@/shared/instances";
import type { Row } from "./rows";

/** Most instances of one operation, as the API has it. */
export const MOST_TARGETS = 500;

const LONGEST_PAGE = 200;

export const ACTIONS = ["start", "pause", "resume", "cancel", "set-priority"] as const;

export type Action = (typeof ACTIONS)[number];

export interface Operation {
  readonly action: Action;
  readonly ids: readonly string[];
  readonly rollback: boolean;
  readonly priority: number | null;
}

/** Carry out an operation on many instances; each is told by itself what became of it. */
export function operate(project: string, operation: Operation): Promise<SchemaTakenListView> {
  const { action, ids, rollback, priority } = operation;
  return body(
    api.POST("/api/v1/projects/{project}/instances/actions/{action}", {
      params: { path: { project, action }, header: once() },
      body: { instance_ids: [...ids], rollback, priority },
    }),
  );
}

/** Return all that a query finds, as many as one operation may take; the newest first. */
export async function readMatching(project: string, query: InstanceQuery): Promise<readonly Row[]> {
  const found: Row[] = [];
  let cursor: string | null | undefined;
  do {
    const limit = Math.min(LONGEST_PAGE, MOST_TARGETS - found.length);
    const page = await body(
      api.GET("/api/v1/projects/{project}/instances", {
        params: {
          path: { project },
          query: { ...query, limit, ...(typeof cursor === "string" && { cursor }) },
        },
      }),
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < MOST_TARGETS);
  return found;
}

export function readCommand(instance: string, command: number): Promise<SchemaCommandView> {
  return body(
    api.GET("/api/v1/instances/{instance_id}/commands/{command_id}", {
      params: { path: { instance_id: instance, command_id: command } },
    }),
  );
}

const MOST_FILTERS = 200;

export function filtersQuery(project: string) {
  return queryOptions({
    queryKey: ["filters", project, "instances"],
    queryFn: async (): Promise<readonly SchemaFilterView[]> => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/filters/{resource}", {
          params: { path: { project, resource: "instances" }, query: { limit: MOST_FILTERS } },
        }),
      );
      return page.items;
    },
  });
}

export interface NewFilter {
  readonly name: string;
  readonly shared: boolean;
  readonly parameters: Record<string, string | string[]>;
}

export function saveFilter(project: string, filter: NewFilter): Promise<SchemaFilterView> {
  const { name, shared, parameters } = filter;
  return body(
    api.PUT("/api/v1/projects/{project}/filters/{resource}/{name}", {
      params: { path: { project, resource: "instances", name }, query: { shared }, header: once() },
      body: { description: "", parameters },
    }),
  );
}

export function deleteFilter(project: string, filter: SchemaFilterView): Promise<SchemaFilterView> {
  const { name, shared } = filter;
  return body(
    api.DELETE("/api/v1/projects/{project}/filters/{resource}/{name}", {
      params: { path: { project, resource: "instances", name }, query: { shared }, header: once() },
    }),
  );
}

const MOST_TEMPLATES = 50;

/** How a template of another project is named: as definitions do, or by its id alone. */
export type ForeignName = "reference" | "template_id";

/** Templates whose key or title holds a text, to choose from. */
export function templateChoices(project: string, text: string, foreign: ForeignName) {
  return queryOptions({
    queryKey: ["templates", project, "choices", foreign, text],
    queryFn: async ({ signal }) => {
      const query = { text, scope: "all" as const, limit: MOST_TEMPLATES };
      const page = await body(
        api.GET("/api/v1/projects/{project}/templates", {
          params: { path: { project }, query },
          signal,
        }),
      );
      return page.items.map((one) => ({
        value: one.project === project ? one.key : one[foreign],
        label: one.title === "" ? one.key : one.title,
      }));
    },
  });
}
