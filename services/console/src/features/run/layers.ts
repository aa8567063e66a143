import type { QueryClient } from "@tanstack/react-query";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { SchemaInstanceView } from "@/api/schema";
import { onProjectEvent } from "@/shared/changes";
import { throttle } from "@/shared/throttle";
import type { Definition } from "./api";
import { definitionQuery, instanceQuery, versionGraphQuery } from "./api";
import { nodesOf } from "./logic/changes";
import type { Graph } from "./logic/graph";
import type { Layer, Layers, WantedLayer } from "./logic/layers";
import { wantedLayers } from "./logic/layers";
import { readAgain } from "./readAgain";

/** Everything that is known of an instance and of the subflows that are open in it. */
export function useLayers(
  view: SchemaInstanceView,
  definition: Definition,
  open: ReadonlySet<string>,
): { readonly layers: Layers; readonly error: Error | null } {
  const queries = useQueryClient();
  // Which flows are wanted depends on those above them, which may be read already.
  const wanted = collected(queries, view, definition, open).wanted;
  const graphs = useQueries({ queries: wanted.map((one) => graphQuery(view.project, one)) });
  const runs = useQueries({
    queries: wanted.flatMap(({ instance }) =>
      instance === null ? [] : [instanceQuery(instance, queries)],
    ),
  });
  useChildren(view.project, wanted);
  const stamp = [...graphs, ...runs].map((one) => one.dataUpdatedAt).join();
  const layers = useMemo(
    () =>
      stamp === "" ? only(view, definition) : collected(queries, view, definition, open).layers,
    [queries, view, definition, open, stamp],
  );
  const error = [...graphs, ...runs].find((one) => one.error !== null)?.error ?? null;
  return { layers, error };
}

function graphQuery(project: string, one: WantedLayer) {
  if (one.instance !== null) return definitionQuery(one.instance);
  return versionGraphQuery(project, one.template, one.version ?? 0);
}

function only(view: SchemaInstanceView, definition: Definition): Layers {
  return new Map([["", layerOf("", definition.graph, view)]]);
}

interface Collected {
  readonly layers: Layers;
  readonly wanted: readonly WantedLayer[];
}

/** Return the layers that are read already, and all that are wanted as far as that is known. */
function collected(
  queries: QueryClient,
  view: SchemaInstanceView,
  definition: Definition,
  open: ReadonlySet<string>,
): Collected {
  const layers = new Map(only(view, definition));
  for (;;) {
    const wanted = wantedLayers(layers, open);
    const before = layers.size;
    for (const one of wanted.filter(({ at }) => !layers.has(at))) {
      const layer = readLayer(queries, view.project, one);
      if (layer !== null) layers.set(one.at, layer);
    }
    if (layers.size === before) return { layers, wanted };
  }
}

function readLayer(queries: QueryClient, project: string, one: WantedLayer): Layer | null {
  const graph = queries.getQueryData<Definition>(graphQuery(project, one).queryKey)?.graph;
  if (graph === undefined) return null;
  if (one.instance === null) return layerOf(one.at, graph, null);
  const run = queries.getQueryData<SchemaInstanceView>(instanceQuery(one.instance).queryKey);
  return run === undefined ? null : layerOf(one.at, graph, run);
}

const made = new WeakMap<SchemaInstanceView | Graph, Map<string, Layer>>();

/** The same things make the same layer: only what has changed is drawn anew. */
function layerOf(at: string, graph: Graph, view: SchemaInstanceView | null): Layer {
  const known = made.get(view ?? graph) ?? new Map<string, Layer>();
  made.set(view ?? graph, known);
  const before = known.get(at);
  if (before?.graph === graph) return before;
  const run = view === null ? null : { instance: view, nodes: nodesOf(view) };
  const layer = { at, graph, run };
  known.set(at, layer);
  return layer;
}

/** Subflows are read again at most this often, however much changes in them. */
const PAUSE_MS = 500;

/** Have the instances of open subflows read again as they change: all of them by one stream. */
function useChildren(project: string, wanted: readonly WantedLayer[]): void {
  const queries = useQueryClient();
  const children = wanted.flatMap(({ instance }) => (instance === null ? [] : [instance])).join();
  useEffect(() => {
    if (children === "") return undefined;
    const ids = children.split(",");
    const changed = new Set<string>();
    const reread = throttle(() => {
      const all = [...changed].map((id) => readAgain(queries, ["instance", id]));
      changed.clear();
      return Promise.all(all);
    }, PAUSE_MS);
    const end = onProjectEvent(project, (event) => {
      if (event !== null && event.name !== "changed") return;
      const told = event === null ? null : (JSON.parse(event.data) as ProjectChange);
      for (const id of ids) {
        if (told === null || !told.complete || told.instance_ids.includes(id)) changed.add(id);
      }
      if (changed.size > 0) reread();
    });
    return () => {
      end();
      reread.cancel();
    };
  }, [queries, project, children]);
}

interface ProjectChange {
  readonly instance_ids: readonly string[];
  readonly complete: boolean;
}
