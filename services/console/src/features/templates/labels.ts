/** Labels as people write them: "team:shop". */

/** Return labels as words. */
export function wordsOf(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}:${value}`);
}

/** Return words as labels; null where one is none, or one name stands twice. */
export function labelsOf(words: readonly string[]): Readonly<Record<string, string>> | null {
  const entries = words.map((word) => {
    const colon = word.indexOf(":");
    return [word.slice(0, Math.max(colon, 0)).trim(), word.slice(colon + 1).trim()] as const;
  });
  const names = new Set(entries.map(([name]) => name));
  if (names.has("") || names.size < entries.length) return null;
  return Object.fromEntries(entries);
}
