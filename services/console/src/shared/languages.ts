/** The console's languages, each by the name that its readers know. */
export const LANGUAGES = { en: "English", zh: "中文" } as const;

export type Language = keyof typeof LANGUAGES;

/** Return the language to begin with: the one chosen before, else the first that a browser asks for. */
export function firstLanguage(chosen: string | null, asked: readonly string[]): Language {
  for (const one of [chosen ?? "", ...asked]) {
    const name = one.slice(0, 2).toLowerCase();
    if (name in LANGUAGES) return name as Language;
  }
  return "en";
}
