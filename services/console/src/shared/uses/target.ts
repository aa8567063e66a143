import type { SchemaStoppedListView, SchemaUpdatedListView, SchemaUseView } from "@/api/schema";
import { api, body, once } from "@/api/client";

/** What is used: a version of a plugin, or a template in whatever version. */
export type Target =
  | { readonly kind: "plugin"; readonly name: string; readonly version: string }
  | { readonly kind: "template"; readonly project: string; readonly template: string };

export type Use = SchemaUseView;

const PAGE_SIZE = 50;

export const USES_KEY = "uses";

interface Wanted {
  /** Only templates and instances of this project; all of them without one. */
  readonly project: string | null;
}

export async function readUses(
  target: Target,
  { project, cursor, signal }: Wanted & { cursor: string | null; signal: AbortSignal },
) {
  const query = {
    limit: PAGE_SIZE,
    ...(project !== null && { project }),
    ...(cursor !== null && { cursor }),
  };
  if (target.kind === "plugin") {
    const { name, version } = target;
    return body(
      api.GET("/api/v1/plugins/{name}/{version}/uses", {
        params: { path: { name, version }, query },
        signal,
      }),
    );
  }
  const path = { project: target.project, template: target.template };
  return body(
    api.GET("/api/v1/projects/{project}/templates/{template}/uses", {
      params: { path, query },
      signal,
    }),
  );
}

export interface Update extends Wanted {
  readonly toVersion: string;
  readonly note: string;
}

/** Bring uses to another version, some templates at a time: `after` is where the last time ended. */
export function updateUses(
  target: Target,
  { project, toVersion, note }: Update,
  after: string | null,
): Promise<SchemaUpdatedListView> {
  const asked = { project, note, after };
  if (target.kind === "plugin") {
    const { name, version } = target;
    return body(
      api.POST("/api/v1/plugins/{name}/{version}/actions/update-uses", {
        params: { path: { name, version }, header: once() },
        body: { ...asked, limit: AT_ONCE, to_version: toVersion },
      }),
    );
  }
  const path = { project: target.project, template: target.template };
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/update-uses", {
      params: { path, header: once() },
      body: { ...asked, limit: AT_ONCE, to_version: Number(toVersion) },
    }),
  );
}

/** Templates of one request: their rows stay locked until it ends. */
const AT_ONCE = 50;

/** Instances of one request, the most that the API takes. */
const STOPPED_AT_ONCE = 1000;

/** Ask open instances to end that use it; what was asked for before is left out. */
export function stopUses(target: Target, { project }: Wanted): Promise<SchemaStoppedListView> {
  const asked = { project, limit: STOPPED_AT_ONCE };
  if (target.kind === "plugin") {
    const { name, version } = target;
    return body(
      api.POST("/api/v1/plugins/{name}/{version}/actions/stop-uses", {
        params: { path: { name, version }, header: once() },
        body: asked,
      }),
    );
  }
  const path = { project: target.project, template: target.template };
  return body(
    api.POST("/api/v1/projects/{project}/templates/{template}/actions/stop-uses", {
      params: { path, header: once() },
      body: { ...asked, version: null },
    }),
  );
}

/** Carry out an operation of several requests, telling after each what it has come to. */
export async function inParts<T, P>(
  ask: (place: P | null) => Promise<T>,
  next: (answer: T) => P | null,
  onPart: (answer: T) => void,
): Promise<void> {
  let place: P | null = null;
  do {
    const answer: T = await ask(place);
    onPart(answer);
    place = next(answer);
  } while (place !== null);
}
