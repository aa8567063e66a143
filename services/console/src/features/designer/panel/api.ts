import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body, once } from "@/api/client";
import type { SchemaPluginView, SchemaTestNode, SchemaTriedView } from "@/api/schema";
import { secretsQuery } from "@/shared/forms/queries";
import type { Knowledge } from "@/shared/forms/scope";
import type { JsonObject } from "@/shared/forms/types";
import type { Place } from "./types";

const MINUTE_MS = 60_000;
const MOST = 200;

/** All plugins: they change when gateways do, which is rare. */
export function pluginsQuery() {
  return queryOptions({
    queryKey: ["plugins"],
    queryFn: async ({ signal }): Promise<readonly SchemaPluginView[]> =>
      (await body(api.GET("/api/v1/plugins", { signal }))).items,
    staleTime: MINUTE_MS,
  });
}

export function projectVariablesQuery(project: string) {
  return queryOptions({
    queryKey: ["variables", project, "names"],
    queryFn: async ({ signal }): Promise<readonly string[]> => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/variables", {
          params: { path: { project }, query: { limit: MOST } },
          signal,
        }),
      );
      return page.items.map((one) => one.name);
    },
    staleTime: MINUTE_MS,
  });
}

export function referenceOf(plugin: SchemaPluginView): string {
  return `${plugin.name}@${plugin.version}`;
}

/** What is known besides the definition: plugins' outputs, names of secrets and of variables. */
export function useKnowledge(project: string): Knowledge {
  const plugins = useQuery(pluginsQuery()).data;
  const secrets = useQuery(secretsQuery(project)).data;
  const variables = useQuery(projectVariablesQuery(project)).data;
  return useMemo(() => {
    const schemas = new Map(
      plugins?.map((one) => [referenceOf(one), one.outputs_schema as JsonObject]),
    );
    return {
      outputs: (plugin) => schemas.get(plugin),
      secrets: secrets ?? [],
      projectVariables: variables ?? [],
    };
  }, [plugins, secrets, variables]);
}

/** Templates of a project, and others' that are visible in it, by what a subflow calls them. */
export function subflowsQuery(project: string) {
  return queryOptions({
    queryKey: ["templates", project, "subflows"],
    queryFn: async ({ signal }) => {
      const page = await body(
        api.GET("/api/v1/projects/{project}/templates", {
          params: { path: { project }, query: { scope: "all", limit: MOST } },
          signal,
        }),
      );
      return page.items
        .filter((one) => one.latest_version !== null)
        .map((one) => ({
          value: one.project === project ? one.key : one.reference,
          label: one.title === "" ? one.key : one.title,
          path: one.project === project ? one.key : one.template_id,
          version: one.latest_version ?? 1,
        }));
    },
    staleTime: MINUTE_MS,
  });
}

/** Run one node alone, for real, and return the instance that does it. */
export function testNode(place: Place, wanted: SchemaTestNode): Promise<SchemaTriedView> {
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/test-node", {
      params: { path: { ...place }, header: once() },
      body: wanted,
    }),
  );
}

const LOOK_MS = 700;
const STILL_GOES_ON = new Set(["pending", "ready", "running", "waiting"]);

/** The node that a test runs, looked at again until it has ended. */
export function testedNodeQuery(instance: string, nodeId: string) {
  return queryOptions({
    queryKey: ["instance", instance, "node", nodeId],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/instances/{instance_id}/nodes/{node_id}", {
          params: { path: { instance_id: instance, node_id: nodeId } },
          signal,
        }),
      ),
    refetchInterval: (query) =>
      STILL_GOES_ON.has(query.state.data?.status ?? "pending") ? LOOK_MS : false,
  });
}
