import { ActionIcon, Stack } from "@mantine/core";
import { Check, LoaderCircle, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { ProblemText } from "@/shared/ProblemPanel";
import type { Request, RequestState } from "../requests";
import { isSettled, useAsking } from "../requests";
import type { NodeVerb, RunVerb } from "../logic/operations";
import classes from "./run.module.css";

/** How long something that went well is shown. */
const SHOWN_MS = 6000;

const ICONS: Record<RequestState, typeof Check> = {
  sending: LoaderCircle,
  requested: LoaderCircle,
  applied: Check,
  rejected: TriangleAlert,
  refused: TriangleAlert,
};

/** What was asked for, and what has become of it: asked is not done. */
export function RequestStrip() {
  const { t } = useTranslation("run");
  const { all } = useAsking();
  return (
    <div role="log" aria-live="polite" aria-label={t("request.label")} className={classes["strip"]}>
      <Stack gap={6}>
        {all.map((request) => (
          <Line key={request.key} request={request} />
        ))}
      </Stack>
    </div>
  );
}

function Line({ request }: { readonly request: Request }) {
  const { t } = useTranslation("run");
  const { forget } = useAsking();
  const { key, state, node, message, error } = request;
  useEffect(() => {
    if (state !== "applied") return undefined;
    const timer = setTimeout(() => forget(key), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state, key, forget]);
  const Icon = ICONS[state];
  const verb =
    node === null ? t(`run.do.${request.verb as RunVerb}`) : t(`do.${request.verb as NodeVerb}`);
  return (
    <div className={classes["request"]} data-state={state}>
      <Icon size={15} aria-hidden />
      <div className={classes["requestText"]}>
        <strong>{t(`request.${state}`, { verb })}</strong>
        {node !== null && <span className="faint code"> {node}</span>}
        {message !== null && <div>{message}</div>}
        {state === "refused" && <ProblemText error={error} />}
      </div>
      {isSettled(request) && (
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={t("request.dismiss")}
          onClick={() => forget(key)}
        >
          <X size={13} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}
