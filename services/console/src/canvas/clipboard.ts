/** Parts of flows as text: what is copied here may be pasted there, or into a file. */

import { writtenPart } from "@/shared/forms/yamlEdits";
import { readText } from "@/shared/forms/yaml";
import type { Flow, FlowNode, JsonObject, Position, Positions } from "./flow";
import { END, START, documentOf, flowOf, isObject } from "./flow";
import { insert, newId } from "./edit";

/** Return chosen nodes as YAML, with what connects them and where they stand; null without any. */
export function copied(flow: Flow, ids: ReadonlySet<string>, shown: Positions): string | null {
  const chosen = flow.nodes.filter(({ id, kind }) => ids.has(id) && kind !== "broken");
  if (chosen.length === 0) return null;
  const kept = new Set(chosen.map((node) => node.id));
  const inside = (target: string | null) => (target !== null && kept.has(target) ? target : null);
  const nodes = chosen.map((node): FlowNode =>
    node.branches === null
      ? { ...node, next: inside(node.next) }
      : {
          ...node,
          branches: node.branches.flatMap((one) => {
            const target = inside(one.target);
            return target === null && node.kind === "parallel" ? [] : [{ ...one, target }];
          }),
        },
  );
  const layout = Object.fromEntries(
    Object.entries(shown)
      .filter(([id]) => kept.has(id))
      .map(([id, [x, y]]) => [id, [x, y]]),
  );
  const base = { nodes: chosen.map((node) => node.raw), layout };
  return writtenPart(documentOf(base, { nodes, edges: [], positions: flowOf(base).positions }));
}

export interface Pasted {
  readonly flow: Flow;
  readonly ids: ReadonlySet<string>;
}

/**
 * Put copied nodes into a flow, under new ids where theirs are taken.
 *
 * @param edge - The connection that they are put on; null puts them beside what is there.
 * @param offset - By how much they stand elsewhere than where they were copied.
 * @returns Null for a text that holds no nodes.
 */
export function pasted(
  flow: Flow,
  text: string,
  edge: string | null,
  offset: Position,
): Pasted | null {
  const read = fragmentOf(text);
  if (read === null) return null;
  const names = new Map<string, string>();
  let known = flow;
  for (const node of read.nodes) {
    const id = newIdFor(known, node.id);
    names.set(node.id, id);
    known = { ...known, nodes: [...known.nodes, { ...node, id }] };
  }
  const nodes = read.nodes.map((node) => calledOtherwise(node, names));
  const inserted = insert(flow, nodes, edge);
  if (edge !== null || Object.keys(flow.positions).length === 0) {
    return { flow: inserted, ids: new Set(names.values()) };
  }
  const places = Object.entries(read.positions).flatMap(([id, [x, y]]) => {
    const name = names.get(id);
    return name === undefined ? [] : [[name, [x + offset[0], y + offset[1]] as Position] as const];
  });
  const positions = { ...flow.positions, ...Object.fromEntries(places) };
  return { flow: { ...inserted, positions }, ids: new Set(names.values()) };
}

function fragmentOf(text: string): Flow | null {
  const { definition } = readText(text);
  if (definition === null) return null;
  const flow = flowOf(endless(definition));
  const nodes = flow.nodes.filter(({ kind }) => kind !== "broken");
  return nodes.length === 0 ? null : { ...flow, nodes };
}

/** What led to an end there is open here: the last of copied nodes leads nowhere by itself. */
function endless(document: JsonObject): JsonObject {
  const flow = flowOf(document);
  const known = new Set(flow.nodes.map((node) => node.id));
  const inside = (target: string | null) => (target !== null && known.has(target) ? target : null);
  const nodes = flow.nodes.map((node) => ({
    ...node,
    next: inside(node.next),
    branches: node.branches?.map((one) => ({ ...one, target: inside(one.target) })) ?? null,
  }));
  return documentOf(document, { ...flow, nodes });
}

function newIdFor(flow: Flow, id: string): string {
  const isTaken = id === START || id === END || flow.nodes.some((node) => node.id === id);
  return isTaken ? newId(flow, id.replace(/_\d+$/, "")) : id;
}

function calledOtherwise(node: FlowNode, names: ReadonlyMap<string, string>): FlowNode {
  const { raw } = node;
  const target = (id: string | null) => (id === null ? null : (names.get(id) ?? null));
  const id = names.get(node.id) ?? node.id;
  const hasName = isObject(raw) && typeof raw["name"] === "string" && raw["name"] !== "";
  return {
    ...node,
    id,
    title: hasName ? node.title : id,
    raw: isObject(raw) ? { ...raw, id } : raw,
    next: target(node.next),
    branches: node.branches?.map((one) => ({ ...one, target: target(one.target) })) ?? null,
  };
}
