import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type {
  SchemaCreatedView,
  SchemaCreateInstance,
  SchemaMockRun,
  SchemaPresetView,
  SchemaTriedView,
  SchemaVersionSummaryView,
} from "@/api/schema";
import { readMe } from "@/api/session";
import type { JsonObject } from "@/shared/forms/types";

export interface Place {
  readonly project: string;
  /** Key, or the id of a template of another project. */
  readonly template: string;
}

/** What decides which part of a flow runs. */
export interface Part {
  readonly schemes: readonly string[];
  readonly excluded: readonly string[];
}

export function templateQuery({ project, template }: Place) {
  return queryOptions({
    queryKey: ["templates", project, "one", template],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}", {
          params: { path: { project, template } },
          signal,
        }),
      ),
  });
}

export function planQuery(place: Place, number: number, part: Part) {
  return queryOptions({
    queryKey: ["plan", place, number, part],
    queryFn: ({ signal }) =>
      body(
        api.POST(
          "/api/v1/projects/{project}/templates/{template}/versions/{number}/actions/preview",
          {
            params: { path: { ...place, number } },
            body: { schemes: [...part.schemes], excluded: [...part.excluded] },
            signal,
          },
        ),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });
}

/** What a start would say to these inputs. */
export function checkQuery(place: Place, number: number, part: Part, inputs: JsonObject) {
  return queryOptions({
    queryKey: ["inputs-check", place, number, part, inputs],
    queryFn: ({ signal }) =>
      body(
        api.POST(
          "/api/v1/projects/{project}/templates/{template}/versions/{number}/actions/check-inputs",
          {
            params: { path: { ...place, number } },
            body: {
              inputs: inputs as never,
              schemes: [...part.schemes],
              excluded: [...part.excluded],
            },
            signal,
          },
        ),
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}

/** As many are listed at once; those before them are found by their number. */
export const MOST_VERSIONS = 50;

/** The latest versions of a template: of these one sees what each was for. */
export function versionsQuery({ project, template }: Place) {
  return queryOptions({
    queryKey: ["templates", project, "versions", template, "notes"],
    queryFn: async ({ signal }): Promise<readonly SchemaVersionSummaryView[]> => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/templates/{template}/versions", {
          params: { path: { project, template }, query: { limit: MOST_VERSIONS } },
          signal,
        }),
      );
      return page.items;
    },
  });
}

const MOST_PRESETS = 200;

export function presetsQuery({ project, template }: Place) {
  return queryOptions({
    queryKey: ["presets", project, template],
    queryFn: async ({ signal }): Promise<readonly SchemaPresetView[]> => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/templates/{template}/presets", {
          params: { path: { project, template }, query: { limit: MOST_PRESETS } },
          signal,
        }),
      );
      return page.items;
    },
  });
}

export interface NewPreset {
  readonly name: string;
  readonly description: string;
  readonly inputs: JsonObject;
}

export function savePreset(place: Place, preset: NewPreset): Promise<SchemaPresetView> {
  const { name, description, inputs } = preset;
  return body(
    api.PUT("/api/v1/projects/{project}/templates/{template}/presets/{name}", {
      params: { path: { ...place, name }, header: once() },
      body: { description, inputs: inputs as never },
    }),
  );
}

export function deletePreset(place: Place, name: string): Promise<SchemaPresetView> {
  return body(
    api.DELETE("/api/v1/projects/{project}/templates/{template}/presets/{name}", {
      params: { path: { ...place, name }, header: once() },
    }),
  );
}

/** The inputs of the last instance of a template that I have started; null where there is none. */
export async function readLastInputs(
  project: string,
  reference: string,
): Promise<JsonObject | null> {
  const { actor } = await readMe();
  const page = await body(
    api.GET("/api/v1/projects/{project}/instances", {
      params: { path: { project }, query: { template: reference, actor, limit: 1 } },
    }),
  );
  const [last] = page.items;
  if (last === undefined) return null;
  const instance = await body(
    api.GET("/api/v1/instances/{instance_id}", {
      params: { path: { instance_id: last.instance_id } },
    }),
  );
  return instance.inputs as JsonObject;
}

/** Start an instance; with the same key it is started once, however often it is sent. */
export function startInstance(
  project: string,
  wanted: SchemaCreateInstance,
  key: string,
): Promise<SchemaCreatedView> {
  return body(
    api.POST("/api/v1/projects/{project}/instances", {
      params: { path: { project }, header: { "idempotency-key": key } },
      body: wanted,
    }),
  );
}

/** Run with canned results; nothing is done but what is asked for. */
export function startDry(
  place: Place,
  wanted: SchemaMockRun,
  key: string,
): Promise<SchemaTriedView> {
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/mock-run", {
      params: { path: { ...place }, header: { "idempotency-key": key } },
      body: wanted,
    }),
  );
}
