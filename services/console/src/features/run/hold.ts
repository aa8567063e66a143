import { queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { SchemaHoldView, SchemaInstanceView } from "@/api/schema";

export type Hold = SchemaHoldView;

/** Tell whether a run is one that retention would take, sooner or later. */
export function canBeHeld(view: Pick<SchemaInstanceView, "status" | "archived_at">): boolean {
  const hasEnded = view.status === "succeeded" || view.status === "cancelled";
  return hasEnded && view.archived_at === null;
}

/** Return nothing where the API says that there is nothing. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") return null;
    throw error;
  }
}

export function holdKey(instance: string) {
  return ["hold", instance];
}

/** Who holds a run, and why; null where nobody does. */
export function holdQuery(view: SchemaInstanceView) {
  return queryOptions({
    queryKey: holdKey(view.instance_id),
    queryFn: ({ signal }): Promise<Hold | null> =>
      orNull(
        body(
          api.GET("/api/v1/instances/{instance_id}/hold", {
            params: { path: { instance_id: view.instance_id } },
            signal,
          }),
        ),
      ),
    enabled: canBeHeld(view),
  });
}

export function putHold(instance: string, reason: string): Promise<Hold> {
  return body(
    api.PUT("/api/v1/instances/{instance_id}/hold", {
      params: { path: { instance_id: instance }, header: once() },
      body: { reason },
    }),
  );
}

export function deleteHold(instance: string): Promise<Hold> {
  return body(
    api.DELETE("/api/v1/instances/{instance_id}/hold", {
      params: { path: { instance_id: instance }, header: once() },
    }),
  );
}
