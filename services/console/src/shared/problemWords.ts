import { useTranslation } from "react-i18next";
import { ConnectionError, ProblemError } from "@/api/problem";
import type texts from "./locales/en.json";

type Code = keyof typeof texts.problem.codes;

/** Return what went wrong in a few words; the API's own where the language has none. */
export function useTitle(error: unknown): string {
  const { t, i18n } = useTranslation("shared");
  if (error instanceof ConnectionError) return t("problem.lost");
  if (!(error instanceof ProblemError)) return t("problem.unexpected");
  const key = `problem.codes.${error.code}`;
  return i18n.exists(key, { ns: "shared" })
    ? t(`problem.codes.${error.code as Code}`)
    : error.problem.title;
}
