import type { ScalarTag, Tags } from "yaml";
import { Scalar, stringify } from "yaml";

/**
 * Plain text means what it means to Flowyard: `on`, dates, `007` and numbers beyond 64 bits are
 * text. What is not changed is written as it was found, so that no number loses digits.
 */

const INTEGER = /^[-+]?(?:0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const MOST_INTEGER_CHARS = 20;

/** What other readers of YAML take for something else than text. */
const SURPRISING =
  /^(?:y|n|yes|no|on|off|true|false|null|~|<<|=)?$|^[-+]?\.?[0-9][0-9_.:,+\-eExXoOtTzZa-fA-F ]*$/i;

/** Line breaks to older YAML, and what it does not allow as it is. */

const RARE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]/;

function asWritten(item: Scalar): string | undefined {
  return item.source;
}

function integer(text: string): number | string {
  if (text.length > MOST_INTEGER_CHARS) return text;
  const exact = BigInt(text.replace(/^\+/, ""));
  return exact >= LEAST && exact <= MOST ? Number(text) : text;
}

function float(text: string): number | string {
  const amount = Number(text);
  return Number.isFinite(amount) ? amount : text;
}

function numbers(item: Scalar): string {
  const value = item.value as number;
  // Digits alone that are beyond 64 bits would be text.
  const isLarge = Number.isInteger(value) && Math.abs(value) >= 2 ** 63;
  return asWritten(item) ?? (isLarge ? value.toExponential() : JSON.stringify(value));
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const WORDS: readonly ScalarTag[] = [
  {
    identify: (value) => value === null || value === undefined,
    createNode: () => new Scalar(null),
    default: true,
    tag: "tag:yaml.org,2002:null",
    test: /^(?:~|[Nn]ull|NULL)?$/,
    resolve: () => null,
    stringify: (item) => asWritten(item) ?? "null",
  },
  {
    identify: (value) => typeof value === "boolean",
    default: true,
    tag: "tag:yaml.org,2002:bool",
    test: /^(?:true|True|TRUE|false|False|FALSE)$/,
    resolve: (text) => /^t/i.test(text),
    stringify: (item) => asWritten(item) ?? String(item.value),
  },
];

const NUMBERS: readonly ScalarTag[] = [
  {
    identify: (value) => typeof value === "number" && Number.isInteger(value),
    default: true,
    tag: "tag:yaml.org,2002:int",
    test: INTEGER,
    resolve: integer,
    stringify: numbers,
  },
  {
    identify: (value) => typeof value === "number",
    default: true,
    tag: "tag:yaml.org,2002:float",
    test: FLOAT,
    resolve: float,
    stringify: numbers,
  },
];

/** Tags by which plain text is read and values are written. */
export function flowyardTags(base: Tags): Tags {
  const text = base.find((tag) => typeof tag === "object" && tag.tag === "tag:yaml.org,2002:str");
  if (text === undefined || typeof text !== "object" || "collection" in text) return base;
  const plain = text;
  const own: ScalarTag = {
    ...plain,
    stringify: (item, ctx, onComment, onChompKeep) => {
      const value = item.value as string;
      if (RARE.test(value)) return escaped(value);
      const isBare = item.type === undefined || item.type === Scalar.PLAIN;
      const wanted = isBare && item.source === undefined && SURPRISING.test(value);
      const written = wanted ? withType(item, Scalar.QUOTE_DOUBLE) : item;
      return plain.stringify?.(written, ctx, onComment, onChompKeep) ?? stringify(value);
    },
  };
  return [...base.filter((tag) => tag !== text), own, ...WORDS, ...NUMBERS];
}

function withType(item: Scalar, type: Scalar.Type): Scalar {
  const copy = new Scalar(item.value);
  copy.type = type;
  return copy;
}
