import type { Alignment } from "@/canvas/arrange";
import { aligned, moved, remaining, withRoom } from "@/canvas/arrange";
import { copied, pasted } from "@/canvas/clipboard";
import type { Spot } from "@/canvas/edit";
import { add, connect, disconnect, rawOf, reconnect, remove } from "@/canvas/edit";
import type { Flow, JsonObject, Position, Positions } from "@/canvas/flow";
import { END, START, isObject } from "@/canvas/flow";
import type { Direction } from "@/canvas/layout";
import { isPlaced, layOut } from "@/canvas/layout";
import { renamed } from "@/canvas/rename";
import { sizeOf } from "@/canvas/size";
import type { Heading } from "@/canvas/walk";
import { neighbour } from "@/canvas/walk";
import type { GraphApi } from "@/shared/graph/types";
import type { Editor } from "./model";
import type { Choice } from "./offers";

/** By how much copies stand beside what they were copied from. */
const BESIDE: Position = [48, 48];

/** What people can do to a flow, whatever they do it with: mouse, keys, buttons. */
export class Commands {
  readonly #editor: Editor;
  readonly #graph: () => GraphApi | null;

  constructor(editor: Editor, graph: () => GraphApi | null) {
    this.#editor = editor;
    this.#graph = graph;
  }

  /** Add something where the selection says, or at a place of the canvas. */
  add(
    choice: Choice,
    where: { readonly edge: string | null; readonly at: Position } | null = null,
  ): string {
    const { flow } = this.#editor.state();
    const added = add(flow, called(flow, rawOf(flow, choice), choice.name), this.#spot(where));
    const isAlone = where !== null && where.edge === null && flow.nodes.length > 0;
    const positions = isAlone
      ? { ...this.#editor.shown, [added.id]: centred(added.flow, added.id, where.at) }
      : this.#withRoom(added.flow, added.id);
    this.#editor.setFlow({ ...added.flow, positions }, [added.id]);
    return added.id;
  }

  /** Return where something is added: on what is selected, or where it was dropped. */
  #spot(where: { readonly edge: string | null } | null): Spot {
    const { flow, selected } = this.#editor.state();
    if (where !== null) {
      if (where.edge !== null) return { edge: where.edge };
      return flow.nodes.length > 0 ? { alone: true } : null;
    }
    const [one, ...others] = selected;
    if (one === undefined || others.length > 0) return null;
    return flow.edges.some(({ id }) => id === one) ? { edge: one } : { after: one };
  }

  #withRoom(flow: Flow, id: string): Positions {
    if (!isPlaced(flow)) return flow.positions;
    return withRoom(flow, remaining(flow, this.#editor.shown), id, this.#editor.direction);
  }

  connect(source: string, target: string): void {
    this.#change(connect(this.#flow(), source, target));
  }

  disconnect(edge: string): void {
    this.#change(disconnect(this.#flow(), edge));
  }

  reconnect(edge: string, source: string, target: string): void {
    this.#change(reconnect(this.#flow(), edge, source, target));
  }

  /** Take away what is selected, and select what led there. */
  remove(): void {
    const { flow, selected } = this.#editor.state();
    const gone = new Set([...selected].filter((id) => id !== START && id !== END));
    if (gone.size === 0) return;
    const before = flow.edges.find(({ source, target }) => gone.has(target) && !gone.has(source));
    this.#editor.setFlow(remove(flow, gone), before === undefined ? [] : [before.source]);
    if (before !== undefined) this.#graph()?.focus(before.source);
  }

  /** Return what is selected as text; null without any nodes. */
  copy(): string | null {
    const { flow, selected } = this.#editor.state();
    return copied(flow, selected, this.#editor.shown);
  }

  cut(): string | null {
    const text = this.copy();
    if (text !== null) this.remove();
    return text;
  }

  /** Put a text's nodes in: on the selected connection, or beside. Answers false if it has none. */
  paste(text: string): boolean {
    const { flow, selected } = this.#editor.state();
    const edge = flow.edges.find(({ id }) => selected.size === 1 && selected.has(id));
    const found = pasted(flow, text, edge?.id ?? null, BESIDE);
    if (found === null) return false;
    this.#editor.setFlow(found.flow, found.ids);
    return true;
  }

  duplicate(): void {
    const text = this.copy();
    if (text !== null) this.paste(text);
  }

  selectAll(): void {
    this.#editor.select(new Set(this.#flow().nodes.map(({ id }) => id)));
  }

  /** Go to the next node in a direction, and select it besides what is selected. */
  extend(from: string, heading: Heading): void {
    const { flow, selected } = this.#editor.state();
    const next = neighbour(flow, this.#editor.shown, from, heading);
    if (next === null) return;
    this.#editor.select(new Set([...selected, from, next]));
    this.#graph()?.focus(next);
  }

  /** Nodes were put elsewhere by hand: from now on everything stays where it is. */
  place(places: Positions): void {
    const flow = this.#flow();
    const positions = { ...remaining(flow, this.#editor.shown), ...places };
    this.#editor.setFlow({ ...flow, positions });
  }

  /** Move what is selected by the keyboard. */
  nudge(by: Position): void {
    const { flow, selected } = this.#editor.state();
    const positions = moved(remaining(flow, this.#editor.shown), selected, by);
    this.#editor.setFlow({ ...flow, positions }, null, "nudge");
  }

  align(how: Alignment): void {
    const { flow, selected } = this.#editor.state();
    const shown = remaining(flow, this.#editor.shown);
    this.#editor.setFlow({ ...flow, positions: aligned(flow, shown, [...selected], how) });
  }

  /**
   * Lay everything out anew.
   *
   * To the right is what a flow without positions looks like: it goes on to be laid out by itself.
   */
  async arrange(direction: Direction): Promise<void> {
    const flow = this.#flow();
    const positions = direction === "right" ? {} : await layOut(flow, { direction, isWhole: true });
    if (this.#flow() !== flow) return;
    this.#editor.setFlow({ ...flow, positions });
    requestAnimationFrame(() => this.#graph()?.fit());
  }

  /** Call a node otherwise, wherever it is named; false where that id is taken or is none. */
  rename(from: string, to: string): boolean {
    const { definition, selected } = this.#editor.state();
    const found = renamed(definition, from, to);
    if (found === null) return false;
    this.#editor.setDefinition(found);
    if (selected.has(from)) this.#editor.select(new Set([to]));
    return true;
  }

  /** Put a node in the place of the one with its id. */
  setNode(id: string, node: JsonObject): void {
    const { definition } = this.#editor.state();
    const nodes = Array.isArray(definition["nodes"]) ? definition["nodes"] : [];
    const changed = nodes.map((one: JsonObject) =>
      isObject(one) && one["id"] === id ? node : one,
    );
    this.#editor.setDefinition({ ...definition, nodes: changed }, `node ${id}`);
  }

  /** Give a node the name that people read; without one, they read its id. */
  setName(id: string, name: string): void {
    const node = this.#flow().nodes.find((one) => one.id === id);
    if (node === undefined || !isObject(node.raw)) return;
    const { id: own, name: _, ...others } = node.raw;
    this.setNode(id, { id: own ?? id, ...(name !== "" && { name }), ...others });
  }

  #flow(): Flow {
    return this.#editor.state().flow;
  }

  #change(flow: Flow): void {
    if (flow !== this.#flow()) this.#editor.setFlow(flow);
  }
}

/** Return a new node with a name that no other has, right behind its id. */
function called(flow: Flow, raw: JsonObject, name = ""): JsonObject {
  const { id, ...others } = raw;
  if (name === "" || name === id || id === undefined) return raw;
  const taken = new Set(flow.nodes.map((node) => node.title));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name} ${number}`;
  return { id, name: free, ...others };
}

function centred(flow: Flow, id: string, [x, y]: Position): Position {
  const { width, height } = sizeOf(flow.nodes.find((node) => node.id === id)?.kind ?? "activity");
  return [Math.round(x - width / 2), Math.round(y - height / 2)];
}
