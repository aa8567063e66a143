import { useEffect, useEffectEvent } from "react";
import type { Position } from "@/canvas/flow";
import { HEADINGS } from "@/canvas/walk";
import type { Commands } from "./commands";
import type { Editor } from "./model";

const WRITING = "input, textarea, select, [contenteditable], [role='combobox'], .cm-editor";

/** By how many pixels a key moves what is selected. */
const STEP = 20;

const MOVES: Readonly<Record<string, Position>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

export interface KeyActions {
  readonly editor: Editor;
  readonly commands: Commands;
  readonly onPalette: () => void;
  readonly onSettings: () => void;
  readonly onConnect: (node: string) => void;
  readonly onName: (node: string) => void;
  readonly onSave: () => void;
  readonly onFit: () => void;
  readonly onKeys: () => void;
  readonly onPasteNothing: () => void;
}

/** Whether keys are somebody's text, or a dialog's. */
function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector("[role='dialog'], [role='menu']") !== null) return true;
  return target instanceof Element && target.closest(WRITING) !== null;
}

/** Have keys do what the designer can do, unless somebody is writing. */
export function useKeys(actions: KeyActions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.isComposing || event.altKey) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === "s") {
      event.preventDefault();
      actions.onSave();
      return;
    }
    if (isElsewhere(event.target)) return;
    const done = isCommand ? withControl(actions, event) : alone(actions, event);
    if (done) event.preventDefault();
  });
  const onClipboard = useEffectEvent((event: ClipboardEvent) => {
    if (isElsewhere(event.target) || hasText()) return;
    const { commands } = actions;
    if (event.type === "paste") {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text !== "" && !commands.paste(text)) actions.onPasteNothing();
      event.preventDefault();
      return;
    }
    const text = event.type === "cut" ? commands.cut() : commands.copy();
    if (text === null) return;
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  });
  useEffect(() => {
    const key = (event: KeyboardEvent) => onKey(event);
    const clipboard = (event: ClipboardEvent) => onClipboard(event);
    // Before the page's own keys, such as "?", which would show a list without these.
    addEventListener("keydown", key, { capture: true });
    for (const type of ["copy", "cut", "paste"] as const) addEventListener(type, clipboard);
    return () => {
      removeEventListener("keydown", key, { capture: true });
      for (const type of ["copy", "cut", "paste"] as const) removeEventListener(type, clipboard);
    };
  }, []);
}

/** Return the node that a key is pressed on. */
function nodeAt(target: EventTarget | null): string | null {
  if (!(target instanceof Element)) return null;
  return target.closest(".react-flow__node")?.getAttribute("data-id") ?? null;
}

/** Text that somebody has marked to copy it goes before nodes. */
function hasText(): boolean {
  return (getSelection()?.toString() ?? "") !== "";
}

function withControl({ editor, commands }: KeyActions, event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  const heading = HEADINGS[event.key];
  const from = nodeAt(event.target);
  if (heading !== undefined) {
    if (from === null || event.shiftKey) return false;
    commands.extend(from, heading);
    // The canvas would go there, and select nothing else.
    event.stopPropagation();
  } else if (key === "z") {
    if (event.shiftKey) editor.redo();
    else editor.undo();
  } else if (key === "y") editor.redo();
  else if (key === "a") commands.selectAll();
  else if (key === "d") commands.duplicate();
  else return false;
  return true;
}

function alone(actions: KeyActions, event: KeyboardEvent): boolean {
  const { editor, commands } = actions;
  const { selected, flow } = editor.state();
  const [one = "", ...others] = selected;
  const isNode = others.length === 0 && flow.nodes.some(({ id }) => id === one);
  const isOnNode = nodeAt(event.target) !== null;
  const move = MOVES[event.key];
  if (move !== undefined) {
    if (!event.shiftKey || selected.size === 0) return false;
    commands.nudge(move);
    return true;
  }
  switch (event.key) {
    case "Delete":
    case "Backspace":
      commands.remove();
      return true;
    case "Escape":
      editor.select(new Set());
      return true;
    case "Enter":
      if (!isOnNode) return false;
      actions.onSettings();
      return true;
    case "F2":
      if (isNode) actions.onName(one);
      return true;
    case "?":
      actions.onKeys();
      event.stopPropagation();
      return true;
    default:
      return letter(actions, event, isNode || one === "start" ? one : "");
  }
}

function letter(actions: KeyActions, event: KeyboardEvent, node: string): boolean {
  switch (event.key.toLowerCase()) {
    case "a":
    case "/":
      actions.onPalette();
      break;
    case "c":
      if (node !== "") actions.onConnect(node);
      break;
    case "f":
      actions.onFit();
      break;
    case "l":
      void actions.commands.arrange(event.shiftKey ? "down" : "right");
      break;
    default:
      return false;
  }
  event.stopPropagation();
  return true;
}
