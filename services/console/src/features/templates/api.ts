import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type { SchemaFavouriteView, SchemaTemplateView, SchemaUpdatedView } from "@/api/schema";
import type { TemplateSearch } from "./search";

const PAGE_SIZE = 50;
const VERSIONS_SHOWN = 20;

export const TEMPLATES_KEY = "templates";

export function templatesQuery(project: string, search: TemplateSearch) {
  const { label, ...same } = search;
  const query = { ...same, limit: PAGE_SIZE, ...(label !== undefined && { label: [label] }) };
  return queryOptions({
    queryKey: [TEMPLATES_KEY, project, "list", query],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates", {
          params: { path: { project }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function templateQuery(project: string, template: string) {
  return queryOptions({
    queryKey: [TEMPLATES_KEY, project, "one", template],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}", {
          params: { path: { project, template } },
          signal,
        }),
      ),
  });
}

/** The latest versions of a template, from behind a cursor on. */
export function versionsQuery(project: string, template: string, cursor: string | null) {
  return queryOptions({
    queryKey: [TEMPLATES_KEY, project, "versions", template, cursor],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}/versions", {
          params: {
            path: { project, template },
            query: { limit: VERSIONS_SHOWN, ...(cursor !== null && { cursor }) },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** One version, with its document. */
export function versionQuery(project: string, template: string, number: number) {
  return queryOptions({
    queryKey: [TEMPLATES_KEY, project, "version", template, number],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}/versions/{number}", {
          params: { path: { project, template, number } },
          signal,
        }),
      ),
    // A version never changes.
    staleTime: Infinity,
  });
}

/** Subflows that are pinned to an older version than the latest one. */
export function outdatedQuery(project: string, template: string) {
  return queryOptions({
    queryKey: [TEMPLATES_KEY, project, "outdated", template],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}/outdated", {
          params: { path: { project, template } },
          signal,
        }),
      ),
  });
}

/** Bring all subflows of a template up to date, and publish it. */
export function updateSubflows(
  project: string,
  template: string,
  note: string,
): Promise<SchemaUpdatedView> {
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/update-subflows", {
      params: { path: { project, template }, header: once() },
      body: { note },
    }),
  );
}

export interface Details {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Change what is said about a template beside its document. */
export function editTemplate(
  project: string,
  template: string,
  details: Details,
): Promise<SchemaTemplateView> {
  return body(
    api.PATCH("/api/v1/projects/{project}/templates/{template}", {
      params: { path: { project, template }, header: once() },
      body: { ...details, labels: { ...details.labels } },
    }),
  );
}

export function deleteTemplate(project: string, template: string): Promise<SchemaTemplateView> {
  return body(
    api.DELETE("/api/v1/projects/{project}/templates/{template}", {
      params: { path: { project, template }, header: once() },
    }),
  );
}

export function restoreTemplate(project: string, template: string): Promise<SchemaTemplateView> {
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/restore", {
      params: { path: { project, template }, header: once() },
    }),
  );
}

/** Make a template one's favourite, or no longer. */
export function setFavourite(
  project: string,
  template: SchemaTemplateView,
  isFavourite: boolean,
): Promise<SchemaFavouriteView> {
  const params = {
    path: { project, template: nameIn(project, template) },
    header: once(),
  };
  const path = "/api/v1/projects/{project}/templates/{template}/favourite";
  // It is shown as done at once: whoever leaves the page then does not lose it.
  const asked = { params, keepalive: true };
  return body(isFavourite ? api.PUT(path, asked) : api.DELETE(path, asked));
}

/** What a template is known by in addresses of a project: others' by their id. */
export function nameIn(project: string, template: SchemaTemplateView): string {
  return template.project === project ? template.key : template.template_id;
}

/** What the list of instances calls a template. */
export function referenceIn(project: string, template: SchemaTemplateView): string {
  return template.project === project ? template.key : template.reference;
}
