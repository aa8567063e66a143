import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type {
  SchemaAcceptedView,
  SchemaCommandView,
  SchemaCreatedView,
  SchemaInstanceView,
  SchemaNodeStatus,
  SchemaTakenListView,
} from "@/api/schema";
import { later } from "./logic/changes";
import { graphOf } from "./logic/graph";
import type { Graph } from "./logic/graph";
import { MOST_ITEMS } from "./logic/items";

export type JsonRecord = Record<string, unknown>;

/** What a person asks a node for. */
export type NodeCommand =
  | { readonly verb: "retry" | "restart"; readonly inputs: JsonRecord | null }
  | { readonly verb: "skip" | "pause" | "resume" }
  | { readonly verb: "force-fail"; readonly message: string }
  | { readonly verb: "force-succeed"; readonly outputs: JsonRecord }
  | { readonly verb: "choose"; readonly targets: readonly string[] }
  | { readonly verb: "reset-timer"; readonly seconds: number }
  | { readonly verb: "approve" | "reject"; readonly comment: string };

/** What a person asks an instance for. */
export type RunCommand =
  | { readonly verb: "start" | "pause" | "resume" }
  | { readonly verb: "cancel"; readonly rollback: boolean }
  | { readonly verb: "set-variables"; readonly values: JsonRecord }
  | { readonly verb: "set-priority"; readonly priority: number };

export function instanceQuery(instance: string, queries?: QueryClient) {
  const queryKey = ["instance", instance] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<SchemaInstanceView> => {
      const params = { path: { instance_id: instance }, query: { items_below: MOST_ITEMS } };
      const read = await body(api.GET("/api/v1/instances/{instance_id}", { params, signal }));
      // Its stream may have told more while this was under way.
      return later(queries?.getQueryData<SchemaInstanceView>(queryKey), read);
    },
  });
}

export interface Definition {
  readonly document: JsonRecord;
  readonly graph: Graph;
}

/** What an instance runs; it never changes. */
export function definitionQuery(instance: string) {
  return queryOptions({
    queryKey: ["definition", instance],
    queryFn: async ({ signal }): Promise<Definition> => {
      const path = { instance_id: instance };
      const found = await body(
        api.GET("/api/v1/instances/{instance_id}/definition", { params: { path }, signal }),
      );
      return { document: found.document, graph: graphOf(found.graph) };
    },
    staleTime: Infinity,
  });
}

/** What a subflow would run that has not begun. */
export function versionGraphQuery(project: string, template: string, number: number) {
  return queryOptions({
    queryKey: ["definition", project, template, number],
    queryFn: async ({ signal }): Promise<Definition> => {
      const found = await body(
        api.GET("/api/v1/projects/{project}/templates/{template}/versions/{number}", {
          params: { path: { project, template, number } },
          signal,
        }),
      );
      return { document: found.document, graph: graphOf(found.graph) };
    },
    staleTime: Infinity,
  });
}

/** What a node would be given if it were entered now. */
export function previewQuery(instance: string, node: string, revision: number) {
  return queryOptions({
    queryKey: ["preview", instance, node, revision],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/instances/{instance_id}/nodes/{node_id}/preview", {
          params: { path: { instance_id: instance, node_id: node } },
          signal,
        }),
      ),
  });
}

/** One node that is not among those that the instance is read with: an item of a large map. */
export function nodeQuery(instance: string, node: string) {
  return queryOptions({
    queryKey: ["node", instance, node],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/instances/{instance_id}/nodes/{node_id}", {
          params: { path: { instance_id: instance, node_id: node } },
          signal,
        }),
      ),
  });
}

/** The items of a map that have begun, page by page; of one status, or of all. */
export function itemsQuery(instance: string, node: string, status: string | null) {
  return infiniteQueryOptions({
    queryKey: ["items", instance, node, status],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/instances/{instance_id}/nodes/{node_id}/items", {
          params: {
            path: { instance_id: instance, node_id: node },
            query: {
              limit: MOST_ITEMS,
              ...(pageParam !== "" && { cursor: pageParam }),
              ...(status !== null && { status: status as SchemaNodeStatus }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

const COMMANDS_PER_PAGE = 50;

/** Who asked for what, the latest first. */
export function commandsQuery(instance: string) {
  return infiniteQueryOptions({
    queryKey: ["commands", instance],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/v1/instances/{instance_id}/commands", {
          params: {
            path: { instance_id: instance },
            query: { limit: COMMANDS_PER_PAGE, ...(pageParam !== "" && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

export interface LogPlace {
  readonly instance: string;
  readonly node: string;
  readonly attempt: number;
}

/** Where the lines of a log are told as they come. */
export function logStreamPath({ instance, node, attempt }: LogPlace): string {
  const path = `/api/v1/instances/${instance}/nodes/${encodeURIComponent(node)}`;
  return `${path}/attempts/${attempt}/logs/stream`;
}

type Header = ReturnType<typeof once>;

/** Ask a node for something. The same header asks once, however often it is sent. */
export function askNode(
  instance: string,
  node: string,
  command: NodeCommand,
  header: Header,
): Promise<SchemaAcceptedView> {
  const params = { path: { instance_id: instance, node_id: node }, header };
  switch (command.verb) {
    case "retry":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/retry", {
          params,
          body: { inputs: command.inputs as never },
        }),
      );
    case "restart":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/restart", {
          params,
          body: { inputs: command.inputs as never },
        }),
      );
    case "force-fail":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/force-fail", {
          params,
          body: { message: command.message },
        }),
      );
    case "force-succeed":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/force-succeed", {
          params,
          body: { outputs: command.outputs as never },
        }),
      );
    case "choose":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/choose", {
          params,
          body: { targets: [...command.targets] },
        }),
      );
    case "reset-timer":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/reset-timer", {
          params,
          body: { after_seconds: command.seconds },
        }),
      );
    case "approve":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/approve", {
          params,
          body: { comment: command.comment },
        }),
      );
    case "reject":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/reject", {
          params,
          body: { comment: command.comment },
        }),
      );
    case "skip":
    case "pause":
    case "resume":
      return body(
        api.POST("/api/v1/instances/{instance_id}/nodes/{node_id}/actions/{action}", {
          params: { ...params, path: { ...params.path, action: command.verb } },
        }),
      );
  }
}

/** Ask an instance for something. */
export function askRun(
  instance: string,
  command: RunCommand,
  header: Header,
): Promise<SchemaAcceptedView> {
  const params = { path: { instance_id: instance }, header };
  switch (command.verb) {
    case "cancel":
      return body(
        api.POST("/api/v1/instances/{instance_id}/actions/cancel", {
          params,
          body: { rollback: command.rollback },
        }),
      );
    case "set-variables":
      return body(
        api.POST("/api/v1/instances/{instance_id}/actions/set-variables", {
          params,
          body: { values: command.values as never },
        }),
      );
    case "set-priority":
      return body(
        api.POST("/api/v1/instances/{instance_id}/actions/set-priority", {
          params,
          body: { priority: command.priority },
        }),
      );
    case "start":
    case "pause":
    case "resume":
      return body(
        api.POST("/api/v1/instances/{instance_id}/actions/{action}", {
          params: { ...params, path: { ...params.path, action: command.verb } },
        }),
      );
  }
}

/** Have nodes of an instance tried again; each is told by itself what became of it. */
export function retryMany(
  instance: string,
  nodes: readonly string[],
): Promise<SchemaTakenListView> {
  return body(
    api.POST("/api/v1/instances/{instance_id}/nodes/actions/{action}", {
      params: { path: { instance_id: instance, action: "retry" }, header: once() },
      body: { node_ids: [...nodes], comment: "", message: "" },
    }),
  );
}

/** Return a command once it is settled, or as it is after some seconds. */
export function readCommand(
  instance: string,
  command: number,
  wait: number,
): Promise<SchemaCommandView> {
  return body(
    api.GET("/api/v1/instances/{instance_id}/commands/{command_id}", {
      params: { path: { instance_id: instance, command_id: command }, query: { wait } },
    }),
  );
}

export interface Copy {
  readonly name: string;
  /** Inputs that differ from those of the other one. */
  readonly inputs: JsonRecord;
}

export function cloneRun(instance: string, copy: Copy): Promise<SchemaCreatedView> {
  return body(
    api.POST("/api/v1/instances/{instance_id}/actions/clone", {
      params: { path: { instance_id: instance }, header: once() },
      body: { name: copy.name, inputs: copy.inputs as never, labels: {}, start: true },
    }),
  );
}

export interface Again {
  readonly name: string;
  readonly node: string;
  /** Null has the inputs of the node rendered. */
  readonly inputs: JsonRecord | null;
}

export function rerun(instance: string, again: Again): Promise<SchemaCreatedView> {
  return body(
    api.POST("/api/v1/instances/{instance_id}/actions/rerun", {
      params: { path: { instance_id: instance }, header: once() },
      body: {
        name: again.name,
        node_id: again.node,
        inputs: again.inputs as never,
        labels: {},
        start: true,
      },
    }),
  );
}
