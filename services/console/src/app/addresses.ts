/** What an address says behind its "?", written as the API's own addresses are: names may repeat. */

type Search = Record<string, unknown>;

export function parseSearch(text: string): Search {
  const found = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(found);
}

export function stringifySearch(search: Search): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of [value].flat()) {
      if (typeof one === "string" || typeof one === "number" || typeof one === "boolean") {
        written.append(name, String(one));
      }
    }
  }
  const text = written.toString();
  return text === "" ? "" : `?${text}`;
}
