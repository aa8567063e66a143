import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";
import type { SchemaPluginView } from "@/api/schema";

export type Plugin = SchemaPluginView;

/** Plugins change when a plugin gateway starts. */
const FRESH_MS = 60_000;

/** Every version of every plugin. */
export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  queryFn: async ({ signal }): Promise<readonly Plugin[]> =>
    (await body(api.GET("/api/v1/plugins", { signal }))).items,
  staleTime: FRESH_MS,
});

/** Compare versions by their numbers: "1.10" comes behind "1.9". */
export function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
