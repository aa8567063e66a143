import { useEffect, useEffectEvent } from "react";

/** What is done on each key, or on two keys one after the other, as "g h". */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** How long the second key may take. */
const PATIENCE_MS = 1200;

const WRITING = "input, textarea, select, [contenteditable], [role='combobox']";

/** Turns keys into what they stand for; a class apart from the page, so that it can be tested. */
export class Keys {
  #first = "";
  #at = -Infinity;

  /** Return which of the names the key completes, or null. */
  press(key: string, at: number, names: readonly string[]): string | null {
    const pair = at - this.#at <= PATIENCE_MS ? `${this.#first} ${key}` : key;
    const found = [pair, key].find((name) => names.includes(name)) ?? null;
    const isBegun = found === null && names.some((name) => name.startsWith(`${key} `));
    this.#first = isBegun ? key : "";
    this.#at = isBegun ? at : -Infinity;
    return found;
  }
}

/** Have keys do something while a component is shown, unless somebody is writing. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const onKey = useEffectEvent((keys: Keys, event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest(WRITING) !== null) return;
    if (document.querySelector("[role='dialog']") !== null) return;
    const found = keys.press(event.key, event.timeStamp, Object.keys(shortcuts));
    if (found === null) return;
    event.preventDefault();
    shortcuts[found]?.();
  });
  useEffect(() => {
    const keys = new Keys();
    const listen = (event: KeyboardEvent) => onKey(keys, event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}
