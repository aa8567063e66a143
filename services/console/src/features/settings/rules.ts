/** Rules of a table of components, as a list shows them. */

export interface Rule {
  /** Of the component, or with its version: "job_execute@v1.0". */
  readonly code: string;
  readonly plugin: string;
  /** Names of the plugin's inputs that it fills. */
  readonly inputs: readonly string[];
}

/** Return the rules by code; what is no rule is shown by its code alone. */
export function rulesOf(table: Readonly<Record<string, unknown>>): readonly Rule[] {
  return Object.entries(table)
    .map(([code, given]) => {
      const rule = object(given);
      const plugin = rule["plugin"];
      return {
        code,
        plugin: typeof plugin === "string" ? plugin : "",
        inputs: [...Object.keys(object(rule["inputs"])), ...Object.keys(object(rule["fixed"]))],
      };
    })
    .toSorted((one, other) => one.code.localeCompare(other.code));
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
