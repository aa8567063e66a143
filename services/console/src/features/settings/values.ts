/** Values of project variables, as they are written and read in a form. */

/** How a value is asked for. */
export const KINDS = ["text", "number", "boolean", "json"] as const;

export type Kind = (typeof KINDS)[number];

/** What a form holds of a value: text, whatever its kind. */
export interface Written {
  readonly kind: Kind;
  readonly text: string;
}

export type Read =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Kind };

/** Return how a value stands in a form. */
export function writtenOf(value: unknown): Written {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (typeof value === "boolean") return { kind: "boolean", text: String(value) };
  return { kind: "json", text: JSON.stringify(value, null, 2) };
}

/** Return the value that a form holds, or which kind of value it is not. */
export function readValue({ kind, text }: Written): Read {
  switch (kind) {
    case "text":
      return { ok: true, value: text };
    case "boolean":
      return { ok: true, value: text === "true" };
    case "number": {
      const value = Number(text.trim());
      const isNumber = text.trim() !== "" && Number.isFinite(value);
      return isNumber ? { ok: true, value } : { ok: false, problem: kind };
    }
    case "json":
      try {
        return { ok: true, value: JSON.parse(text) as unknown };
      } catch {
        return { ok: false, problem: kind };
      }
  }
}

/** Return what is kept of a text when its kind is changed: what it can be read as, else nothing. */
export function inKind({ kind, text }: Written, wanted: Kind): Written {
  if (kind === wanted) return { kind, text };
  const read = readValue({ kind, text });
  if (wanted === "json") {
    return { kind: wanted, text: read.ok ? JSON.stringify(read.value, null, 2) : "" };
  }
  if (wanted === "boolean") return { kind: wanted, text: String(text === "true") };
  const whole = read.ok && typeof read.value === "string" ? read.value : text;
  const next = { kind: wanted, text: whole };
  return readValue(next).ok ? next : { kind: wanted, text: "" };
}

/** Return a value in one line, as a list shows it. */
export function inLine(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What the API takes as a variable's name. */
export function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,99}$/.test(text);
}
