import { Group, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { instancesQuery } from "./instances";
import { StatusBadge } from "./StatusBadge";
import { exact } from "./time";

const MOST_RUNS = 5;
const FRESH_MS = 30_000;

/** The last runs of a template, the newest first, each leading to its instance. */
export function RunDots({
  project,
  template,
  isWanted = true,
}: {
  readonly project: string;
  readonly template: string;
  /** False until somebody can see it: a long list asks for no more than is shown. */
  readonly isWanted?: boolean;
}) {
  const { t, i18n } = useTranslation("shared");
  const { data } = useQuery({
    ...instancesQuery(project, { template, limit: MOST_RUNS }),
    enabled: isWanted,
    staleTime: FRESH_MS,
  });
  if (data === undefined) return null;
  if (data.items.length === 0) return <span className="faint">{t("runs.none")}</span>;
  return (
    <Group gap={3} wrap="nowrap" role="list" aria-label={t("runs.label")}>
      {data.items.map((run) => (
        <Tooltip
          key={run.instance_id}
          label={`${run.name} · ${exact(new Date(run.created_at), i18n.language)}`}
        >
          <Link
            role="listitem"
            to="/instances/$instance"
            params={{ instance: run.instance_id }}
            preload={false}
          >
            <StatusBadge status={run.status} bare />
            <span className="unseen">{run.name}</span>
          </Link>
        </Tooltip>
      ))}
    </Group>
  );
}
