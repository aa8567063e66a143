import type { Json } from "./types";

/**
 * Text that stands for any value: what reads as JSON is that, everything else is text.
 *
 * A text that would read as JSON is written in quotes.
 */

/** Return what a text stands for; undefined where it begins like JSON and is none. */
export function readLoose(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return text;
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return /^[[{"]/.test(trimmed) && !trimmed.startsWith("{{") ? undefined : text;
  }
}

/** Return the text that stands for a value. */
export function showLoose(value: Json | undefined): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  return readLoose(value) === value ? value : JSON.stringify(value);
}

/** Tell whether a text holds an expression. */
export function isExpression(value: unknown): value is string {
  return typeof value === "string" && /(?<!\$)\$\{/.test(value);
}
