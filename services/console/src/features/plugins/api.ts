import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/api/client";

/** Gateways renew their lease every second; who reads a list need not know at once. */
const PAUSE_MS = 5000;

/** The processes that run plugins, of those that are alive. */
export const gatewaysQuery = queryOptions({
  queryKey: ["plugin-gateways"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/plugin-gateways", { signal })),
  refetchInterval: PAUSE_MS,
});

/** One version of a plugin. */
export function pluginQuery(name: string, version: string) {
  return queryOptions({
    queryKey: ["plugins", name, version],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/plugins/{name}/{version}", {
          params: { path: { name, version } },
          signal,
        }),
      ),
  });
}
