import { useSyncExternalStore } from "react";
import type { SchemaFaultView } from "@/api/schema";
import type { Flow, JsonObject, Positions } from "@/canvas/flow";
import { documentOf, flowOf } from "@/canvas/flow";
import type { History } from "@/canvas/history";
import { begun, redone, stepped, undone } from "@/canvas/history";
import type { Direction } from "@/canvas/layout";
import type { TextProblem } from "@/shared/forms/types";
import { readText } from "@/shared/forms/yaml";
import { rewritten } from "@/shared/forms/yamlEdits";

/** What is edited: the text is the truth; what the canvas has changed is written when it is asked for. */
interface Content {
  readonly definition: JsonObject;
  /** Null until it is asked for. */
  readonly text: string | null;
  /** Why the text cannot be read; the definition is then what could be read last. */
  readonly problems: readonly TextProblem[];
}

export interface EditorState {
  readonly definition: JsonObject;
  readonly flow: Flow;
  /** Why the text cannot be read; nothing can be drawn until it is repaired. */
  readonly textProblems: readonly TextProblem[];
  /** Ids of nodes and edges. */
  readonly selected: ReadonlySet<string>;
  /** What keeps it from being published, as of the last check. */
  readonly faults: readonly SchemaFaultView[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Counts changes: whoever stored that of an older one has not stored all. */
  readonly version: number;
}

/** The state of one open designer; it tells who listens, and knows nothing of the screen. */
export class Editor {
  #shown: Positions = {};
  #direction: Direction = "right";

  #history: History<Content>;
  #written: { readonly definition: JsonObject; readonly text: string };
  #state: EditorState;
  readonly #listeners = new Set<() => void>();

  /**
   * @param text - What is edited, whether it can be read or not.
   * @param readable - What is drawn of one that cannot be read, until it is repaired.
   */
  constructor(text: string, readable = "") {
    const content = contentOf(text, () => readText(readable).definition ?? {});
    this.#history = begun(content);
    this.#written = { definition: content.definition, text };
    this.#state = {
      definition: content.definition,
      flow: flowOf(content.definition),
      textProblems: content.problems,
      selected: new Set(),
      faults: [],
      canUndo: false,
      canRedo: false,
      version: 0,
    };
  }

  /** Where nodes are drawn; those that nobody has placed are there too. */
  get shown(): Positions {
    return this.#shown;
  }

  /** The direction in which the drawing runs. */
  get direction(): Direction {
    return this.#direction;
  }

  /** Note where nodes are drawn. */
  show(positions: Positions, direction: Direction): void {
    this.#shown = positions;
    this.#direction = direction;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): EditorState => this.#state;

  /** Return the text as it is now, with what the canvas has changed. */
  readonly text = (): string => {
    const content = this.#history.present;
    if (content.text !== null) return content.text;
    const text = rewritten(this.#written.text, content.definition);
    this.#written = { definition: content.definition, text };
    this.#history = { ...this.#history, present: { ...content, text } };
    return text;
  };

  /** Put another text in its place; one that cannot be read is kept all the same. */
  readonly setText = (text: string): void => {
    if (text === this.text()) return;
    const content = contentOf(text, () => this.#state.definition);
    if (content.problems.length === 0) this.#written = { definition: content.definition, text };
    this.#step(content, "text");
  };

  /** Put another definition in its place; steps with the same `merge`, one after the other, are one. */
  readonly setDefinition = (definition: JsonObject, merge: string | null = null): void => {
    if (definition === this.#state.definition || this.#state.textProblems.length > 0) return;
    this.#step({ definition, text: null, problems: [] }, merge);
  };

  /** Change the drawing, and select something in it. */
  readonly setFlow = (
    flow: Flow,
    selected: Iterable<string> | null = null,
    merge: string | null = null,
  ): void => {
    this.setDefinition(documentOf(this.#state.definition, flow), merge);
    if (selected !== null) this.select(new Set(selected));
  };

  readonly select = (selected: ReadonlySet<string>): void => {
    const { flow, selected: before } = this.#state;
    const after = apart(this.#existing(selected, flow), flow);
    // While a box is drawn, the canvas tells of every step of the mouse.
    if (!isSame(before, after)) this.#set({ selected: after });
  };

  readonly setFaults = (faults: readonly SchemaFaultView[]): void => this.#set({ faults });

  readonly undo = (): void => this.#go(undone(this.#history));

  readonly redo = (): void => this.#go(redone(this.#history));

  #step(content: Content, merge: string | null): void {
    // What was on the screen gets its own text first: comments come back when it is undone.
    if (content.text === null) this.#keepComments(content);
    this.#go(stepped(this.#history, content, merge, performance.now()));
  }

  /** Nodes that go take their comments along: the text of before is needed to have them again. */
  #keepComments(content: Content): void {
    const before = this.#state.definition["nodes"];
    const after = content.definition["nodes"];
    const isShorter = Array.isArray(before) && Array.isArray(after) && after.length < before.length;
    if (isShorter) this.text();
  }

  #go(history: History<Content>): void {
    if (history === this.#history) return;
    this.#history = history;
    const { definition, problems, text } = history.present;
    if (text !== null && problems.length === 0) this.#written = { definition, text };
    const isSame = definition === this.#state.definition;
    const flow = isSame ? this.#state.flow : flowOf(definition);
    this.#set({
      ...{ definition, flow, textProblems: problems },
      selected: this.#existing(this.#state.selected, flow),
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      version: this.#state.version + 1,
    });
  }

  #existing(selected: ReadonlySet<string>, flow: Flow): ReadonlySet<string> {
    if (selected.size === 0) return selected;
    const known = new Set(["start", "end", ...[...flow.nodes, ...flow.edges].map(({ id }) => id)]);
    const kept = [...selected].filter((id) => known.has(id));
    return kept.length === selected.size ? selected : new Set(kept);
  }

  #set(change: Partial<EditorState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function isSame(before: ReadonlySet<string>, after: ReadonlySet<string>): boolean {
  return before.size === after.size && [...before].every((id) => after.has(id));
}

/** Lines go along with the nodes that they lead to: of a box drawn around both, nodes are meant. */
function apart(selected: ReadonlySet<string>, { edges }: Flow): ReadonlySet<string> {
  if (selected.size < 2) return selected;
  const along = new Set(
    edges.flatMap(({ id, source, target }) =>
      selected.has(id) && (selected.has(source) || selected.has(target)) ? [id] : [],
    ),
  );
  return along.size === 0 ? selected : new Set([...selected].filter((id) => !along.has(id)));
}

function contentOf(text: string, before: () => JsonObject): Content {
  const { definition, problems } = readText(text);
  if (definition !== null) return { definition, text, problems: [] };
  const told = problems.length > 0 ? problems : [{ line: 1, message: "" }];
  return { definition: before(), text, problems: told };
}

/** Return part of an editor's state; drawn again only when that changes. */
export function useEditor<T>(editor: Editor, read: (state: EditorState) => T): T {
  return useSyncExternalStore(editor.subscribe, () => read(editor.state()));
}
