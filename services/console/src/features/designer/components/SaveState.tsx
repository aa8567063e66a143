import { Loader, Tooltip } from "@mantine/core";
import { CircleAlert, CloudCheck, CloudOff, Pencil } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { DraftState, Drafting } from "../drafting";
import classes from "./designer.module.css";

/** Whether what is on the screen is stored. */
export function SaveState({ drafting }: { readonly drafting: Drafting }) {
  const { t } = useTranslation("designer");
  const { status, error } = useDraft(drafting);
  const reason = error instanceof Error && status === "failed" ? `: ${error.message}` : "";
  return (
    <Tooltip label={t("saving.hint")} w={240}>
      <span className={classes["saving"]} data-status={status} role="status">
        <Sign status={status} />
        {t(`saving.${status}`)}
        {reason}
      </span>
    </Tooltip>
  );
}

function Sign({ status }: { readonly status: DraftState["status"] }) {
  switch (status) {
    case "saved":
      return <CloudCheck size={15} aria-hidden />;
    case "changed":
      return <Pencil size={14} aria-hidden />;
    case "saving":
      return <Loader size={13} color="gray" aria-hidden />;
    case "away":
      return <CloudOff size={15} aria-hidden />;
    case "failed":
      return <CircleAlert size={15} aria-hidden />;
  }
}

export function useDraft(drafting: Drafting): DraftState {
  return useSyncExternalStore(drafting.subscribe, drafting.state);
}
