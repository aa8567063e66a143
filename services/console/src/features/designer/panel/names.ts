import type { Json } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";

const EXPRESSION = /(?<!\$)\$\{((?:[^{}"']|"[^"]*"|'[^']*'|\{[^{}]*\})*)\}/g;
const TEXTS = /"[^"]*"|'[^']*'/g;
const NAME = /(?<![\w.])([A-Za-z_]\w*)/g;

/** Return the names that stand in the expressions of a value; more than are read, never fewer. */
export function namesUsed(value: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const pending: Json[] = [value];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (typeof one === "string") {
      for (const [, expression = ""] of one.matchAll(EXPRESSION)) {
        for (const [, name = ""] of expression.replace(TEXTS, "").matchAll(NAME)) found.add(name);
      }
    } else if (Array.isArray(one)) pending.push(...(one as readonly Json[]));
    else if (isObject(one)) pending.push(...Object.values(one));
  }
  return found;
}
