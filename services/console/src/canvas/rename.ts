/** Calling a node otherwise, wherever it is named. */

import type { Json, JsonObject } from "./flow";
import { END, START, isObject } from "./flow";

const ID = /^[A-Za-z0-9_-]+$/;
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Where texts are only for people. */
const PROSE = new Set(["title", "description", "name", "label", "placeholder", "pattern_message"]);

/** Return the definition with another id for a node, or null where that id is taken or is none. */
export function renamed(document: JsonObject, from: string, to: string): JsonObject | null {
  if (from === to) return document;
  const nodes = Array.isArray(document["nodes"]) ? (document["nodes"] as readonly Json[]) : [];
  const taken = nodes.some((node) => isObject(node) && node["id"] === to);
  if (!ID.test(to) || to === START || to === END || taken) return null;
  const inTexts = expressionsRenamed(document, from, to) as JsonObject;
  return {
    ...inTexts,
    nodes: (inTexts["nodes"] as readonly Json[]).map((node) => nodeRenamed(node, from, to)),
    ...(isObject(inTexts["layout"]) && { layout: keyRenamed(inTexts["layout"], from, to) }),
    ...(isObject(inTexts["schemes"]) && { schemes: schemesRenamed(inTexts["schemes"], from, to) }),
  };
}

function nodeRenamed(node: Json, from: string, to: string): Json {
  if (!isObject(node)) return node;
  const one = (value: Json | undefined) => (value === from ? to : value);
  const branch = (value: Json) =>
    isObject(value) && value["next"] === from ? { ...value, next: to } : (one(value) ?? null);
  return Object.fromEntries(
    Object.entries(node).map(([key, value]): [string, Json] => {
      if (key === "id" || key === "next") return [key, one(value) ?? null];
      const isBranches =
        key === "exclusive" || key === "parallel" || key === "conditional_parallel";
      return [key, isBranches && Array.isArray(value) ? value.map(branch) : value];
    }),
  );
}

function keyRenamed(object: JsonObject, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key === from ? to : key, value]),
  );
}

function schemesRenamed(schemes: JsonObject, from: string, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(schemes).map(([name, scheme]): [string, Json] => {
      if (!isObject(scheme) || !Array.isArray(scheme["keeps"])) return [name, scheme];
      const keeps = (scheme["keeps"] as readonly Json[]).map((id) => (id === from ? to : id));
      return [name, { ...scheme, keeps }];
    }),
  );
}

/** Rewrite `nodes.<id>` and `nodes["<id>"]` in all texts that may hold expressions. */
function expressionsRenamed(value: Json, from: string, to: string): Json {
  if (typeof value === "string") return textRenamed(value, from, to);
  if (Array.isArray(value)) return value.map((one: Json) => expressionsRenamed(one, from, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      PROSE.has(key) && typeof one === "string" ? one : expressionsRenamed(one, from, to),
    ]),
  );
}

function textRenamed(text: string, from: string, to: string): string {
  if (!text.includes(from) || !ID.test(from)) return text;
  const after = PLAIN.test(to) ? `nodes.${to}` : `nodes["${to}"]`;
  const dotted = PLAIN.test(from) ? `\\.${from}(?![A-Za-z0-9_])|` : "";
  const pattern = new RegExp(`(?<![A-Za-z0-9_.])nodes(?:${dotted}\\[(["'])${from}\\1\\])`, "g");
  return text.replace(pattern, after);
}
