import { Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Bell } from "lucide-react";
import { useTranslation } from "react-i18next";
import { shownCounts, useLiveWaiting, waitingCountQuery } from "@/shared/waiting";
import classes from "./app.module.css";

/** On every page, and nobody acts on it at once. */
const PAUSE_MS = 3000;

/** How much waits for a person, beside the way there. */
export function WaitingBadge({ project }: { readonly project: string }) {
  const { t } = useTranslation("app");
  useLiveWaiting(project, PAUSE_MS);
  const { data } = useQuery(waitingCountQuery(project));
  const count = data === undefined ? 0 : data.approvals + data.failures;
  if (data === undefined || count === 0) return null;
  return (
    <>
      <Badge size="sm" variant="filled" className={classes["count"] ?? ""} aria-hidden>
        {shownCounts(data).all}
      </Badge>
      <span className="unseen">{t("nav.count", { count })}</span>
    </>
  );
}

/** The same in the head of a phone's screen, where the navigation is out of sight. */
export function WaitingBell({ project }: { readonly project: string }) {
  const { t } = useTranslation("app");
  const { data } = useQuery(waitingCountQuery(project));
  const count = data === undefined ? 0 : data.approvals + data.failures;
  if (data === undefined || count === 0) return null;
  return (
    <Link
      to="/projects/$project/waiting"
      params={{ project }}
      className={classes["bell"]}
      aria-label={`${t("nav.waiting")}, ${t("nav.count", { count })}`}
    >
      <Bell size={17} aria-hidden />
      <span aria-hidden>{shownCounts(data).all}</span>
    </Link>
  );
}
