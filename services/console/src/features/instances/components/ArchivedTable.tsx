import { Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import { Nothing } from "@/shared/Page";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import type { ArchivedRow, ArchivedSearch } from "../archived";
import { isArchivedNarrowed } from "../archived";
import classes from "./instances.module.css";
import { NameLink } from "./NameLink";

interface Props {
  readonly project: string;
  readonly rows: readonly ArchivedRow[];
  readonly search: ArchivedSearch;
}

/** Archived instances, each leading to all that was kept of it. */
export function ArchivedTable({ project, rows, search }: Props) {
  const { t } = useTranslation("instances");
  if (rows.length === 0) {
    return (
      <div className="card">
        {isArchivedNarrowed(search) ? (
          <Nothing title={t("none.matching")}>{t("none.widen")}</Nothing>
        ) : (
          <Nothing title={t("archived.none")}>
            {t("archived.noneText")}
            <div>
              <LinkText
                to="/projects/$project/settings"
                params={{ project }}
                search={{ tab: "retention" }}
              >
                {t("archived.rule")}
              </LinkText>
            </div>
          </Nothing>
        )}
      </div>
    );
  }
  const wide = classes["wide"] ?? "";
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={118}>{t("column.status")}</Table.Th>
            <Table.Th>{t("column.name")}</Table.Th>
            <Table.Th className={wide}>{t("column.template")}</Table.Th>
            <Table.Th className={wide}>{t("column.actor")}</Table.Th>
            <Table.Th w={110} className={wide}>
              {t("column.ended")}
            </Table.Th>
            <Table.Th w={110} className={wide}>
              {t("column.archived")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line key={row.instance_id} project={project} row={row} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Line({ project, row }: { readonly project: string; readonly row: ArchivedRow }) {
  const { t } = useTranslation(["instances", "shared"]);
  const wide = classes["wide"] ?? "";
  return (
    <Table.Tr>
      <Table.Td>
        <StatusBadge status={row.status} />
      </Table.Td>
      <Table.Td className={classes["name"] ?? ""}>
        <Group gap={6} wrap="nowrap">
          <NameLink row={row} />
        </Group>
        <Text size="xs" component="div" className={`faint cut ${classes["narrow"] ?? ""}`}>
          {row.template_key} · {row.actor} · <Ago at={row.ended_at} />
        </Text>
      </Table.Td>
      <Table.Td className={`cut ${wide}`} maw={220}>
        <Link
          to="/projects/$project/templates/$template"
          params={{ project, template: row.template_id }}
          className="link"
          title={row.template_title}
        >
          {row.template_key}
        </Link>
        {row.version > 0 && (
          <span className="faint numbers"> {t("shared:version", { number: row.version })}</span>
        )}
      </Table.Td>
      <Table.Td className={`cut ${wide}`} maw={140}>
        {row.actor}
      </Table.Td>
      <Table.Td className={`numbers ${wide}`}>
        <Ago at={row.ended_at} />
      </Table.Td>
      <Table.Td className={`numbers ${wide}`}>
        <Ago at={row.archived_at} />
      </Table.Td>
    </Table.Tr>
  );
}
