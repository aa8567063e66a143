import type { KnownKind, KnownName, Scope } from "./types";

/** Functions that expressions know: a closed list of the engine. */
const FUNCTIONS = [
  ...["abs", "all", "any", "bool", "dict", "enumerate", "float", "int", "json", "len", "list"],
  ...["max", "min", "parse_json", "range", "round", "sorted", "str", "sum", "zip"],
];

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A way of names that ends at the cursor: `a.b["c-d"].e`, its last part unfinished. */
const WAY =
  /((?:[A-Za-z_]\w*|(?<=[\w\]])\.\w+|\[(?:"[^"\]]*"|'[^'\]]*')\])*)(?:(\.)|(\["?))?([\w-]*)$/;
const PART = /\.?([A-Za-z_]\w*)|\[["']([^"']*)["']\]/g;

export interface Offer {
  readonly label: string;
  /** What takes the place of the text from `from` to the cursor. */
  readonly apply: string;
  readonly kind: KnownKind | "function";
  readonly detail?: string;
}

export interface Offers {
  /** Where what is replaced begins: dots and brackets in front of a name belong to it. */
  readonly from: number;
  /** Where the name begins that is being written, by which offers are chosen. */
  readonly word: number;
  readonly options: readonly Offer[];
}

/** Return where the expression begins that a place of a text lies in; null outside of all. */
export function expressionStart(text: string, position: number): number | null {
  const before = text.slice(0, position);
  const opened = before.lastIndexOf("${");
  if (opened === -1 || before[opened - 1] === "$") return null;
  return closes(before.slice(opened + 2)) ? null : opened + 2;
}

/** Tell whether an expression's last brace is among its text; those in texts do not count. */
function closes(text: string): boolean {
  let depth = 0;
  let quote = "";
  for (const one of text) {
    if (quote !== "") quote = one === quote ? "" : quote;
    else if (one === '"' || one === "'") quote = one;
    else if (one === "{") depth += 1;
    else if (one === "}" && depth-- === 0) return true;
  }
  return false;
}

/** Return what may be written at the cursor; null where nothing is to be completed. */
export function offersAt(
  text: string,
  position: number,
  language: "template" | "expression",
  scope: Scope,
): Offers | null {
  const begins = language === "expression" ? 0 : expressionStart(text, position);
  if (begins === null) return opening(text, position, scope);
  const written = text.slice(begins, position);
  const found = WAY.exec(written);
  if (found === null || isInText(written.slice(0, found.index))) return null;
  const { way, separator, word } = split(found);
  if (separator === "") return way === "" ? atName(word, position, scope) : null;
  const names = below(scope.names, way);
  if (names === null || names.length === 0) return null;
  const from = position - word.length - separator.length;
  return {
    from,
    word: position - word.length,
    options: names.map((one) => ({ ...offer(one), apply: access(one.name) })),
  };
}

/** Return the names that are complete, what stands behind them, and the one that is being written. */
function split([, way = "", dot, bracket, word = ""]: readonly string[]) {
  const separator = dot ?? bracket ?? "";
  if (separator !== "") return { way, separator, word };
  const last = /^(.*)\.(\w+)$/s.exec(way);
  if (last !== null) return { way: last[1] ?? "", separator: ".", word: last[2] ?? "" };
  return NAME.test(way) ? { way: "", separator: "", word: way + word } : { way, separator, word };
}

function atName(word: string, position: number, scope: Scope): Offers | null {
  if (word !== "" && !NAME.test(word)) return null;
  const functions = FUNCTIONS.map((name): Offer => ({
    label: name,
    apply: `${name}(`,
    kind: "function",
  }));
  const from = position - word.length;
  return { from, word: from, options: [...scope.names.map(offer), ...functions] };
}

/** A dollar sign begins an expression: what is known is offered with its braces. */
function opening(text: string, position: number, scope: Scope): Offers | null {
  const before = text.slice(0, position);
  if (!before.endsWith("$") || before.endsWith("$$")) return null;
  return {
    from: position - 1,
    word: position,
    options: scope.names.map((one) => ({ ...offer(one), apply: `\${${one.name}}` })),
  };
}

function offer(one: KnownName): Offer {
  return {
    label: one.name,
    apply: one.name,
    kind: one.kind,
    ...(one.detail !== undefined && { detail: one.detail }),
  };
}

function access(name: string): string {
  return NAME.test(name) && !name.startsWith("_") ? `.${name}` : `["${name}"]`;
}

function below(names: readonly KnownName[], way: string): readonly KnownName[] | null {
  let found: readonly KnownName[] = names;
  for (const [, plain, quoted] of way.matchAll(PART)) {
    const one = found.find((other) => other.name === (plain ?? quoted));
    if (one?.below === undefined) return null;
    found = one.below;
  }
  return found;
}

function isInText(text: string): boolean {
  let quote = "";
  for (const one of text) {
    if (quote !== "") quote = one === quote ? "" : quote;
    else if (one === '"' || one === "'") quote = one;
  }
  return quote !== "";
}
