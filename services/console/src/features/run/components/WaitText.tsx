import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNow } from "@/shared/clock";
import { exact, relative } from "@/shared/time";
import { Ago } from "@/shared/Time";
import type { Wait } from "../logic/waits";
import { leafOf } from "../logic/waits";

/** Why a node stands where it does, since when and until when, in whole sentences. */
export function WaitText({ wait }: { readonly wait: Wait }) {
  const { t } = useTranslation("run");
  return (
    <Text size="sm" component="div">
      {t(`wait.${leafOf(wait)}`, wait.values)}
      {wait.since !== null && (
        <Text size="xs" className="faint" component="div">
          {t("wait.since")} <Ago at={wait.since} />
        </Text>
      )}
      {wait.until !== null && (
        <Text size="xs" component="div">
          {t(isMoment(wait) ? "wait.at" : "wait.until")} <Until at={wait.until} />
        </Text>
      )}
    </Text>
  );
}

/** What goes on at a time goes on at it; what waits for somebody waits until then. */
function isMoment({ key }: Wait): boolean {
  return key === "timer" || key === "retry";
}

/** An instant ahead, exact and as it is from now: people plan by the one and wait by the other. */
function Until({ at }: { readonly at: string }) {
  const { i18n } = useTranslation();
  const instant = new Date(at);
  const text = useNow((now) => relative(instant, now, i18n.language));
  return (
    <time dateTime={at}>
      {exact(instant, i18n.language)} ({text})
    </time>
  );
}
