import type { SchemaLogLineView } from "@/api/schema";

export const LEVELS = ["debug", "info", "warning", "error"] as const;

export type Level = (typeof LEVELS)[number];

/** Return the lines that matter at least so much and hold a text. */
export function shownLines(
  lines: readonly SchemaLogLineView[],
  level: Level,
  wanted: string,
): readonly SchemaLogLineView[] {
  const least = LEVELS.indexOf(level);
  const text = wanted.trim().toLowerCase();
  if (least === 0 && text === "") return lines;
  return lines.filter(
    (line) => LEVELS.indexOf(line.level) >= least && line.text.toLowerCase().includes(text),
  );
}

/** Return the lines that follow what is known; a part that was read twice counts once. */
export function added(
  known: readonly SchemaLogLineView[],
  read: readonly SchemaLogLineView[],
): readonly SchemaLogLineView[] {
  const last = known.at(-1)?.sequence ?? 0;
  const fresh = read.filter((line) => line.sequence > last);
  return fresh.length === 0 ? known : [...known, ...fresh];
}

/** Return lines as a file holds them. */
export function textOf(lines: readonly SchemaLogLineView[]): string {
  return lines.map((line) => `${line.at} ${line.level.toUpperCase()} ${line.text}\n`).join("");
}
