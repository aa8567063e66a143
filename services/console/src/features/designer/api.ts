import { queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type {
  SchemaDraftView,
  SchemaEditorsView,
  SchemaFaultView,
  SchemaImportFiles,
  SchemaImportView,
  SchemaPersonalDraftView,
  SchemaPublicationView,
  SchemaTriedView,
  SchemaVersionView,
} from "@/api/schema";
import type { Place } from "./panel/types";

const TEMPLATE = "/api/v1/projects/{project}/templates/{template}";
/** Versions that are listed at once. */
const VERSIONS_SHOWN = 30;
/** Templates that are offered as subflows; the palette's search finds others by the API. */
const SUBFLOWS_SHOWN = 50;

function path({ project, template }: Place) {
  return { project, template };
}

export function templateQuery(place: Place) {
  return queryOptions({
    queryKey: ["templates", place.project, "one", place.template],
    queryFn: ({ signal }) => body(api.GET(TEMPLATE, { params: { path: path(place) }, signal })),
  });
}

/** Templates of the project that may be run as subflows, by what is searched for. */
export function subflowsQuery(project: string, text: string) {
  const query = { limit: SUBFLOWS_SHOWN, ...(text !== "" && { text }) };
  return queryOptions({
    queryKey: ["templates", project, "subflows", text],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET("/api/v1/projects/{project}/templates", {
            params: { path: { project }, query },
            signal,
          }),
        )
      ).items,
    staleTime: 30_000,
    placeholderData: (before) => before,
  });
}

/** Who edits a template, and what the shared draft is at. */
export function editorsQuery(place: Place) {
  return queryOptions({
    queryKey: ["designer", place.project, place.template, "editors"],
    queryFn: ({ signal }) => readEditors(place, signal),
  });
}

export function readEditors(place: Place, signal?: AbortSignal): Promise<SchemaEditorsView> {
  return body(
    api.GET(`${TEMPLATE}/drafts`, {
      params: { path: path(place) },
      ...(signal !== undefined && { signal }),
    }),
  );
}

export function readMine(place: Place): Promise<SchemaPersonalDraftView> {
  return body(api.GET(`${TEMPLATE}/drafts/mine`, { params: { path: path(place) } }));
}

export function readTheirs(place: Place, user: string): Promise<SchemaPersonalDraftView> {
  return body(api.GET(`${TEMPLATE}/drafts/{user}`, { params: { path: { ...path(place), user } } }));
}

export function readShared(place: Place): Promise<SchemaDraftView> {
  return body(api.GET(`${TEMPLATE}/draft`, { params: { path: path(place) } }));
}

/** Write one's own draft; `etag` is what it was when it was read, null where there was none. */
export function writeMine(
  place: Place,
  source: string,
  baseRevision: number,
  etag: string | null,
): Promise<SchemaPersonalDraftView> {
  const seen = etag === null ? { "if-none-match": "*" } : { "if-match": etag };
  return body(
    api.PUT(`${TEMPLATE}/drafts/mine`, {
      params: { path: path(place), header: { ...once(), ...seen } },
      body: { source, base_revision: baseRevision },
    }),
  );
}

export async function discardMine(place: Place): Promise<void> {
  await api.DELETE(`${TEMPLATE}/drafts/mine`, {
    params: { path: path(place), header: { ...once(), "if-match": "*" } },
  });
}

export function notePresence(place: Place): Promise<SchemaEditorsView> {
  return body(api.PUT(`${TEMPLATE}/drafts/mine/presence`, { params: { path: path(place) } }));
}

/** Make a text everybody's draft, unless it was changed since `etag` was read. */
export function writeShared(place: Place, source: string, etag: string): Promise<SchemaDraftView> {
  return body(
    api.PUT(`${TEMPLATE}/draft`, {
      params: { path: path(place), header: { ...once(), "if-match": etag } },
      body: { source },
    }),
  );
}

export function publish(place: Place, note: string): Promise<SchemaPublicationView> {
  return body(
    api.POST(`${TEMPLATE}/actions/publish`, {
      params: { path: path(place), header: once() },
      body: { note },
    }),
  );
}

export function rollBack(
  place: Place,
  version: number,
  note: string,
): Promise<SchemaPublicationView> {
  return body(
    api.POST(`${TEMPLATE}/actions/rollback`, {
      params: { path: path(place), header: once() },
      body: { version, note },
    }),
  );
}

export async function validate(
  project: string,
  source: string,
  signal: AbortSignal,
): Promise<readonly SchemaFaultView[]> {
  const found = await body(
    api.POST("/api/v1/projects/{project}/templates/actions/validate", {
      params: { path: { project } },
      body: { source },
      signal,
    }),
  );
  return found.problems;
}

export function versionsQuery(place: Place) {
  return queryOptions({
    queryKey: ["templates", place.project, "versions", place.template, "designer"],
    queryFn: ({ signal }) =>
      body(
        api.GET(`${TEMPLATE}/versions`, {
          params: { path: path(place), query: { limit: VERSIONS_SHOWN } },
          signal,
        }),
      ),
  });
}

export function versionQuery(place: Place, number: number) {
  return queryOptions({
    queryKey: ["templates", place.project, "version", place.template, number],
    queryFn: ({ signal }): Promise<SchemaVersionView> =>
      body(
        api.GET(`${TEMPLATE}/versions/{number}`, {
          params: { path: { ...path(place), number } },
          signal,
        }),
      ),
    staleTime: "static",
  });
}

/** Run what is on the screen with canned results. */
export function mockRun(place: Place, source: string): Promise<SchemaTriedView> {
  return body(
    api.POST(`${TEMPLATE}/actions/mock-run`, {
      params: { path: path(place), header: once() },
      body: { source, mocks: {}, inputs: {}, excluded: [] },
    }),
  );
}

export function importFiles(project: string, files: SchemaImportFiles): Promise<SchemaImportView> {
  return body(
    api.POST("/api/v1/projects/{project}/imports", {
      params: { path: { project }, header: once() },
      body: files,
    }),
  );
}
