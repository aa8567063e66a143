import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { firstLanguage } from "@/shared/languages";
import { keep, kept } from "@/shared/storage";
import { patiently } from "@/shared/lazily";

type Texts = Record<string, unknown>;

/** Texts of each part, loaded when it is first shown: "<part>/locales/<language>.json". */
const FILES = import.meta.glob<Texts>("/src/**/locales/*.json", { import: "default" });

const BY_NAME = new Map(
  Object.entries(FILES).map(([path, load]) => {
    const [file = "", , part = ""] = path.split("/").toReversed();
    return [`${file.replace(".json", "")}/${part}`, load] as const;
  }),
);

/** Begin with the language chosen before, or the browser's; resolves once the shell has its texts. */
export async function startTexts(): Promise<void> {
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
  });
  await i18next
    .use({
      type: "backend",
      init: () => undefined,
      read: (language: string, part: string) => {
        const load = BY_NAME.get(`${language}/${part}`);
        if (load === undefined)
          throw new Error(`Expected texts ${language}/${part}, but there are none`);
        return patiently(load);
      },
    })
    .use(initReactI18next)
    .init({
      lng: firstLanguage(kept("language"), navigator.languages),
      supportedLngs: ["en", "zh"],
      fallbackLng: "en",
      load: "languageOnly",
      ns: ["shared", "app"],
      defaultNS: "shared",
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

export async function chooseLanguage(language: string): Promise<void> {
  keep("language", language);
  await i18next.changeLanguage(language);
}
