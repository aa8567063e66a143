import { describe, expect, test } from "vitest";
import { firstLanguage } from "./languages";

interface Texts {
  readonly [name: string]: string | Texts;
}

const FILES: Record<string, Texts> = import.meta.glob("../**/locales/*.json", {
  eager: true,
  import: "default",
});
const PARTS = [...new Set(Object.keys(FILES).map((path) => path.replace(/\/\w+\.json$/, "")))];
const PLURAL = /_(zero|one|two|few|many|other)$/;

function entries(texts: Texts, before = ""): [string, string][] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === "string"
      ? [[before + name, value] as [string, string]]
      : entries(value, `${before}${name}.`),
  );
}

/** What a text is filled with: "{{count}}", and "<code>" around what is marked. */
function places(text: string): string[] {
  return [...new Set(text.match(/\{\{\w+\}\}|<\/?\w+>/g) ?? [])].sort();
}

function texts(part: string, language: string): [string, string][] {
  return entries(FILES[`${part}/${language}.json`] ?? {});
}

test("the language is the one chosen, else the first known that the browser asks for", () => {
  expect(firstLanguage("zh", ["en"])).toBe("zh");
  expect(firstLanguage(null, ["fr-FR", "zh-Hans-CN", "en"])).toBe("zh");
  expect(firstLanguage("xx", ["de"])).toBe("en");
});

test("there are texts to compare", () => {
  expect(PARTS.length).toBeGreaterThanOrEqual(6);
});

describe.each(PARTS)("%s", (part) => {
  const english = texts(part, "en");
  const chinese = texts(part, "zh");
  const names = (all: [string, string][]) =>
    [...new Set(all.map(([name]) => name.replace(PLURAL, "")))].sort();

  test("both languages say the same things", () => {
    expect(names(chinese)).toEqual(names(english));
  });

  test("both languages have the same places to fill", () => {
    const wanted = new Map(english.map(([name, text]) => [name.replace(PLURAL, ""), places(text)]));
    for (const [name, text] of chinese) {
      expect([name, places(text)]).toEqual([name, wanted.get(name.replace(PLURAL, ""))]);
    }
  });

  test("no text is empty", () => {
    expect([...english, ...chinese].filter(([, text]) => text.trim() === "")).toEqual([]);
  });
});
