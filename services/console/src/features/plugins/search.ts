/** What the address of the list of plugins says. */
export interface PluginSearch {
  readonly text?: string;
}

/** Return what of an address the list understands. */
export function pluginSearch(given: Record<string, unknown>): PluginSearch {
  const value = given["text"];
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? { text } : {};
}
