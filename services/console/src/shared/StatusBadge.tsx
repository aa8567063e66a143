import { useTranslation } from "react-i18next";
import { isStatus, lookOf } from "./status";
import classes from "./StatusBadge.module.css";

/** A status by color, shape and word; without the word, it is said to readers of screens. */
export function StatusBadge({
  status,
  bare = false,
}: {
  readonly status: string;
  readonly bare?: boolean;
}) {
  const { t } = useTranslation("shared");
  if (!isStatus(status)) return <span className={classes["badge"]}>{status}</span>;
  const { tone, icon: Icon } = lookOf(status);
  const word = t(`status.${status}`);
  return (
    <span className={classes["badge"]} data-tone={tone} data-bare={bare} data-status={status}>
      <Icon aria-hidden size={bare ? 13 : 14} strokeWidth={2.4} />
      {bare ? <span className="unseen">{word}</span> : word}
    </span>
  );
}
