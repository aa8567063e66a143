import type { Document, ParsedNode } from "yaml";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Json, JsonObject, TextProblem } from "./types";
import { flowyardTags } from "./yamlSchema";

/** How deep values may be nested, as the API has it; also keeps what recurses here in bounds. */
const MOST_DEPTH = 50;

export interface ReadText {
  /** What the text means; null where it cannot be read, or is no mapping. */
  readonly definition: JsonObject | null;
  readonly problems: readonly TextProblem[];
}

export interface Parsed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

export function parse(text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    customTags: flowyardTags,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  return { document, lines };
}

/** Return what a text means, or why it cannot be read. */
export function readText(text: string): ReadText {
  const { document, lines } = parse(text);
  // Of a tag that nobody knows, the library only warns; the API refuses all of them.
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line: Math.max(line, 1), column: Math.max(col, 1), message: error.message };
  });
  if (problems.length > 0) return { definition: null, problems };
  return meaning(document);
}

function meaning(document: Document.Parsed): ReadText {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    return { definition: null, problems: [{ line: 1, message: String(error) }] };
  }
  if (isObject(value) && depth(value) <= MOST_DEPTH) return { definition: value, problems: [] };
  return { definition: null, problems: [] };
}

function depth(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const below = Object.values(value).map(depth);
  return 1 + below.reduce((most, one) => Math.max(most, one), 0);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tell whether two values are equal as JSON; the order of keys makes no difference. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

interface NodeLines {
  readonly id: string;
  /** First and last line, from 1. */
  readonly first: number;
  readonly last: number;
}

/** Return in which lines each node of a definition stands. */
export function linesOfNodes(text: string): readonly NodeLines[] {
  const { document, lines } = parse(text);
  const nodes = isMap(document.contents) ? document.contents.get("nodes", true) : null;
  if (!isSeq(nodes)) return [];
  return nodes.items.flatMap((item) => {
    if (!isMap(item)) return [];
    const id: unknown = item.get("id");
    const range = (item as ParsedNode).range;
    if (typeof id !== "string") return [];
    const last = text.slice(0, range[1]).trimEnd().length;
    return [{ id, first: lines.linePos(range[0]).line, last: lines.linePos(last).line }];
  });
}

/** Return the node in whose lines a line stands, or null. */
export function nodeAtLine(text: string, line: number): string | null {
  return linesOfNodes(text).find((one) => one.first <= line && line <= one.last)?.id ?? null;
}

/** Return the line in which a node begins, from 1, or null. */
export function lineOfNode(text: string, nodeId: string): number | null {
  return linesOfNodes(text).find((one) => one.id === nodeId)?.first ?? null;
}

/** Return the line in which the value at a path begins, from 1: else of what is around it. */
export function lineOfPath(text: string, path: readonly (string | number)[]): number {
  const { document, lines } = parse(text);
  let found: unknown = document.contents;
  let line = 1;
  for (const part of path) {
    if (isMap(found)) {
      const pair = found.items.find((one) => isScalar(one.key) && one.key.value === part);
      if (pair === undefined) break;
      line = lines.linePos((pair.key as ParsedNode).range[0]).line;
      found = pair.value;
    } else if (isSeq(found)) {
      const item = found.items[Number(part)] as ParsedNode | undefined;
      if (item === undefined) break;
      line = lines.linePos(item.range[0]).line;
      found = item;
    } else break;
  }
  return line;
}

export type { Json, JsonObject };
