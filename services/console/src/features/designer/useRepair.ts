import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type texts from "./locales/en.json";
import type { Mark } from "./marks";

type Code = keyof typeof texts.repair;

/** Return what says how to mend something; nothing where what is wrong says it already. */
export function useRepair(): (mark: Mark) => string {
  const { t, i18n } = useTranslation("designer");
  return useCallback(
    ({ code }: Mark) =>
      i18n.exists(`repair.${code}`, { ns: "designer" }) ? t(`repair.${code as Code}`) : "",
    [t, i18n],
  );
}
