/** Instances and graphs for tests, made of the little that matters to each. */

import type { SchemaAttemptView, SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import { nodesOf } from "./changes";
import type { Graph } from "./graph";
import { graphOf } from "./graph";
import type { Layer } from "./layers";

export function attempt(
  number: number,
  fields: Partial<SchemaAttemptView> = {},
): SchemaAttemptView {
  return {
    number,
    attempt_id: `a${number}`,
    step: 0,
    status: "succeeded",
    inputs: null,
    outputs: null,
    failure: null,
    opened_at: "2026-03-04T12:00:00Z",
    wait_until: null,
    dispatched_at: null,
    visit: 1,
    actor: null,
    started_at: null,
    closed_at: null,
    claim: null,
    has_late_outcome: false,
    cancel_requested_at: null,
    cancel_confirmed_at: null,
    child_instance_id: null,
    child: null,
    ...fields,
  };
}

export function node(node_id: string, fields: Partial<SchemaNodeView> = {}): SchemaNodeView {
  return {
    node_id,
    kind: "activity",
    name: "",
    plugin: "noop@1.0",
    subflow: null,
    parent: null,
    status: "pending",
    mark: null,
    reason: null,
    check_at: null,
    visits: 0,
    outputs: null,
    variables: null,
    failure: null,
    reached_at: null,
    ended_at: null,
    retries: 0,
    resume_at: null,
    deadline_at: null,
    has_breakpoint: false,
    allowed: [],
    attempts: [],
    ...fields,
  };
}

export function instance(
  nodes: readonly SchemaNodeView[],
  fields: Partial<SchemaInstanceView> = {},
): SchemaInstanceView {
  const made = {
    instance_id: "i1",
    name: "Release",
    revision: 1,
    status: "running",
    allowed: [],
    created_at: "2026-03-04T12:00:00Z",
    started_at: "2026-03-04T12:00:00Z",
    ended_at: null,
    maps: {},
    ...fields,
    nodes: [...nodes],
  };
  return made as unknown as SchemaInstanceView;
}

/** Return a graph of activities from "a b, b c": each pair is an edge; other nodes by their fields. */
export function graph(edges: string, nodes: readonly Record<string, unknown>[] = []): Graph {
  const pairs = edges.split(",").map((one) => one.trim().split(" "));
  const given = new Map(nodes.map((one) => [String(one["id"]), one]));
  const ids = [...new Set([...pairs.flat(), ...given.keys()])];
  return graphOf({
    start: "start",
    end: "end",
    nodes: ids.map((id) => given.get(id) ?? { id, kind: kindOf(id) }),
    edges: pairs.map(([from, to]) => ({ from, to })),
  });
}

function kindOf(id: string): string {
  const last = id.slice(id.lastIndexOf(".") + 1);
  return last === "start" || last === "end" ? last : "activity";
}

export function layer(
  at: string,
  drawn: Graph,
  view: SchemaInstanceView | null,
): readonly [string, Layer] {
  const run = view === null ? null : { instance: view, nodes: nodesOf(view) };
  return [at, { at, graph: drawn, run }];
}
