import { Group, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SchemaRunView } from "@/api/schema";
import { StatusBadge } from "./StatusBadge";
import { exact } from "./time";

/** The last runs of a template, the newest first, each leading to its instance. */
export function RunDots({ runs }: { readonly runs: readonly SchemaRunView[] }) {
  const { t, i18n } = useTranslation("shared");
  if (runs.length === 0) return <span className="faint">{t("runs.none")}</span>;
  return (
    <Group gap={3} wrap="nowrap" role="list" aria-label={t("runs.label")}>
      {runs.map((run) => (
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
