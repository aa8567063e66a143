import type { Document, Pair, ParsedNode } from "yaml";
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Scalar,
  YAMLMap,
  YAMLSeq,
} from "yaml";
import type { Json, JsonObject } from "./types";
import { isObject, isSame, parse, readText } from "./yaml";

/**
 * A text that means something else, with as little of it changed as can be.
 *
 * The wanted value is laid over the parsed document, part by part; what is equal keeps its place,
 * its comments and its very letters, what differs is written anew.
 */

const PRINTED = { lineWidth: 0, flowCollectionPadding: false } as const;

/** Lists of few short values are written in one line. */
const SHORT_ITEMS = 8;
const SHORT_CHARS = 40;

/** Where the order of keys is what people see. */
const ORDERED = new Set([
  "inputs",
  "constants",
  "computed",
  "lazy",
  "outputs",
  "schemes",
  "columns",
]);

/** Raised for a text that cannot be read, and so cannot be changed in parts. */
export class UnreadableTextError extends Error {
  override readonly name = "UnreadableTextError";
}

/**
 * Return a text that means a definition, made of another text by the smallest changes.
 *
 * Comments, order, quotes and numbers of what stays are kept. `readText` of it gives the
 * definition.
 */
export function rewritten(text: string, definition: JsonObject): string {
  if (text.trim() === "") return written(definition);
  const read = readText(text);
  if (read.definition === null) {
    throw new UnreadableTextError("Expected text that can be read, but it cannot");
  }
  if (isSame(read.definition, definition) && isOrdered(read.definition, definition)) return text;
  if (isJson(text)) return `${JSON.stringify(definition, null, 2)}\n`;
  for (const keepsLetters of [true, false]) {
    const result = edited(text, definition, keepsLetters);
    if (isSame(readText(result).definition, definition)) return result;
  }
  return written(definition);
}

/** Return a definition as text, written from scratch. */
export function written(definition: JsonObject): string {
  const { document } = parse("");
  document.contents = created(document, definition, []) as ParsedNode;
  return document.toString(PRINTED);
}

/** Return a part of a definition as text, such as nodes that are copied. */
export function writtenPart(value: Json): string {
  const { document } = parse("");
  document.contents = created(document, value, []) as ParsedNode;
  return document.toString(PRINTED);
}

function isJson(text: string): boolean {
  if (!text.trimStart().startsWith("{")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function edited(text: string, definition: JsonObject, keepsLetters: boolean): string {
  const { document } = parse(text);
  const indentSeq = !/^(?:nodes|exclusive|parallel):[^\n]*\n- /m.test(text);
  const editor = new Editor(document);
  document.contents = editor.laidOver(document.contents, definition, []) as ParsedNode;
  if (keepsLetters) keepLetters(document.contents, text, editor.changed);
  const result = document.toString({ ...PRINTED, indentSeq });
  return keepsLetters ? withSpaces(result, text) : result;
}

/** Put comments where they stood in lines that have not changed otherwise. */
function withSpaces(result: string, text: string): string {
  const plain = (line: string) => line.replace(/\s+#/g, " #");
  const known = new Map(text.split("\n").map((line) => [plain(line), line] as const));
  return result
    .split("\n")
    .map((line) => (line.includes(" #") ? (known.get(line) ?? line) : line))
    .join("\n");
}

class Editor {
  /** What does not stand as it stood, or holds what does not. */
  readonly changed = new Set<unknown>();
  readonly #document: Document.Parsed;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** Return what is to stand where a node stands: the node itself, if that means the value. */
  laidOver(node: unknown, value: Json, path: readonly string[]): unknown {
    if (isMap(node) && isObject(value)) return this.#map(node, value, path);
    if (isSeq(node) && Array.isArray(value)) return this.#list(node, value as Json[], path);
    if (isScalar(node) && Object.is(node.value, value)) return node;
    if (isAlias(node) && isSame(node.toJS(this.#document), value)) return node;
    return this.#replaced(node, value, path);
  }

  #replaced(node: unknown, value: Json, path: readonly string[]): unknown {
    const fresh = created(this.#document, value, path);
    this.changed.add(fresh);
    if (!isNode(node) || !isNode(fresh)) return fresh;
    if (isScalar(node) && isScalar(fresh)) keepStyle(node, fresh);
    // A comment beside a value that becomes a block would stand within it.
    if (!isAlias(node) && !isAlias(fresh) && node.comment && (isScalar(fresh) || isFlow(fresh))) {
      fresh.comment = node.comment;
    }
    if (node.commentBefore) fresh.commentBefore = node.commentBefore;
    if (node.spaceBefore) fresh.spaceBefore = true;
    return fresh;
  }

  #map(node: YAMLMap, value: JsonObject, path: readonly string[]): YAMLMap {
    const before = new Map(node.items.map((pair) => [nameOf(pair), pair] as const));
    const pairs = new Map<string, Pair>();
    for (const [name, wanted] of Object.entries(value)) {
      const pair = before.get(name);
      const below = [...path, name];
      if (pair === undefined) {
        const fresh: Pair = this.#document.createPair(name, null);
        fresh.value = created(this.#document, wanted, below);
        this.changed.add(fresh.value);
        pairs.set(name, fresh);
        continue;
      }
      const laid = this.laidOver(pair.value, wanted, below);
      if (laid !== pair.value || this.changed.has(laid)) this.changed.add(node);
      pair.value = laid;
      pairs.set(name, pair);
    }
    const names = inOrder([...before.keys()], Object.keys(value), ORDERED.has(path.at(-1) ?? ""));
    const items = names.map((name) => pairs.get(name)).filter((pair) => pair !== undefined);
    if (items.length !== node.items.length || items.some((one, at) => one !== node.items[at])) {
      this.changed.add(node);
    }
    if (items.length > 0 && node.items.length === 0) node.flow = false;
    node.items = items;
    return node;
  }

  #list(node: YAMLSeq, value: readonly Json[], path: readonly string[]): YAMLSeq {
    const partners = paired(node, value, this.#document);
    const items = value.map((wanted, at) => {
      const partner = partners[at];
      if (partner !== undefined) return this.laidOver(partner, wanted, [...path, "*"]);
      const fresh = created(this.#document, wanted, [...path, "*"]);
      this.changed.add(fresh);
      return fresh;
    });
    const isKept =
      items.length === node.items.length &&
      items.every((item, at) => item === node.items[at] && !this.changed.has(item));
    if (!isKept) this.changed.add(node);
    if (items.some((item) => isCollection(item) && item.flow !== true) && node.items.length === 0) {
      node.flow = false;
    }
    node.items = items;
    return node;
  }
}

/** Return names of both, the old ones as they stood, a new one behind what it is to follow. */
function inOrder(old: string[], wanted: string[], isStrict: boolean): string[] {
  if (isStrict) return wanted;
  const names = old.filter((name) => wanted.includes(name));
  wanted.forEach((name, at) => {
    if (names.includes(name)) return;
    const before = at === 0 ? -1 : names.indexOf(wanted[at - 1] ?? "");
    names.splice(before + 1, 0, name);
  });
  return names;
}

/** Return for each wanted item which one of a list becomes it: by its id, else by its value. */
function paired(node: YAMLSeq, value: readonly Json[], document: Document): unknown[] {
  const free = node.items.map((item) => ({ item, key: keyOf(jsOf(item, document)) }));
  const taken = new Set<object>();
  const found: unknown[] = value.map((wanted) => {
    const key = keyOf(wanted);
    const one = free.find((other) => other.key === key && !taken.has(other));
    if (one !== undefined) taken.add(one);
    return one?.item;
  });
  return found.map((item, at) => {
    const own = free[at];
    if (item !== undefined || own === undefined || taken.has(own)) return item;
    // Of two different nodes, neither becomes the other; a changed branch stays where it is.
    if (isObject(value[at]) && Object.hasOwn(value[at], "id")) return undefined;
    taken.add(own);
    return own.item;
  });
}

function jsOf(item: unknown, document: Document): unknown {
  return isNode(item) ? item.toJS(document) : item;
}

function keyOf(value: unknown): string {
  if (isObject(value) && typeof value["id"] === "string") return `id:${value["id"]}`;
  return JSON.stringify(value);
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function isFlow(node: unknown): boolean {
  return isCollection(node) && node.flow === true;
}

function keepStyle(old: Scalar, fresh: Scalar): void {
  const isText = typeof old.value === "string" && typeof fresh.value === "string";
  if (isText && old.type !== undefined && old.type !== Scalar.PLAIN) fresh.type = old.type;
}

function created(document: Document, value: Json, path: readonly string[]): unknown {
  const node = document.createNode(value, { aliasDuplicateObjects: false });
  shorten(node, path.includes("layout"));
  return node;
}

/** Write short lists, and places on the canvas, in one line. */
function shorten(node: unknown, isPlace: boolean): void {
  if (node instanceof YAMLSeq) {
    node.flow =
      node.items.length <= SHORT_ITEMS &&
      node.items.every((item) => isScalar(item) && String(item.value).length <= SHORT_CHARS);
    node.items.forEach((item) => shorten(item, isPlace));
  } else if (node instanceof YAMLMap) {
    node.items.forEach((pair) => shorten(pair.value, isPlace || nameOf(pair) === "layout"));
  }
}

/** Write what is unchanged, and stands as deep as before, letter by letter as it was. */
function keepLetters(node: unknown, text: string, changed: ReadonlySet<unknown>): void {
  if (isCollection(node) && !changed.has(node) && node.range && node.items.length > 0) {
    const letters = text.slice(node.range[0], node.range[1]).trimEnd();
    const column = node.range[0] - (text.lastIndexOf("\n", node.range[0] - 1) + 1);
    const print = node.toString.bind(node);
    node.toString = (ctx, onComment, onChompKeep) => {
      if (ctx === undefined || node.anchor !== undefined) return print(ctx, onComment, onChompKeep);
      if (node.flow === true) return letters;
      if (ctx.indent.length !== column) return print(ctx, onComment, onChompKeep);
      if (!node.comment) return letters;
      onComment?.();
      return `${letters}\n${comments(node.comment, ctx.indent)}`;
    };
  }
  if (isMap(node)) node.items.forEach((pair) => keepLetters(pair.value, text, changed));
  if (isSeq(node)) node.items.forEach((item) => keepLetters(item, text, changed));
}

function comments(text: string, indent: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : `${indent}#${line}`))
    .join("\n");
}

/** Tell whether the keys whose order people see stand in the wanted order. */
function isOrdered(old: Json, wanted: Json, name = ""): boolean {
  if (Array.isArray(old) && Array.isArray(wanted)) {
    return (old as Json[]).every((one, at) => isOrdered(one, wanted[at] as Json));
  }
  if (!isObject(old) || !isObject(wanted)) return true;
  const keys = Object.keys(old);
  if (ORDERED.has(name) && !isSame(keys, Object.keys(wanted))) return false;
  return keys.every((key) => isOrdered(old[key] as Json, wanted[key] as Json, key));
}
