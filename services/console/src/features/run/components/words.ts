import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaNodeView } from "@/api/schema";
import { nameOf } from "../logic/graph";
import type { LookWords } from "../logic/looks";
import type texts from "../locales/en.json";

type Reason = keyof typeof texts.reason;
type Mark = keyof typeof texts.mark;

/** What a node is called by people; ends by the reader's own words. */
export function useNameOf(): (node: SchemaNodeView) => string {
  const { t } = useTranslation("run");
  return ({ kind, name, node_id: id }) => {
    if (name === "" && (kind === "start" || kind === "end")) return t(`kind.${kind}`);
    return nameOf({ id, name });
  };
}

/** What a drawing says in words; the same object until the language changes. */
export function useLookWords(): LookWords {
  const { t, i18n } = useTranslation("run");
  return useMemo(
    () => ({
      leftOut: t("leftOut"),
      breakpoint: t("breakpoint"),
      mark: (mark) =>
        i18n.exists(`mark.${mark}`, { ns: "run" }) ? t(`mark.${mark as Mark}`) : mark,
      reason: (reason) =>
        i18n.exists(`reason.${reason}`, { ns: "run" }) ? t(`reason.${reason as Reason}`) : reason,
    }),
    [t, i18n],
  );
}
