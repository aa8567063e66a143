import { Badge, Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SchemaRunView, SchemaTemplateView } from "@/api/schema";
import { lastRunsQuery } from "@/shared/lastRuns";
import { LinkText } from "@/shared/links";
import { Nothing } from "@/shared/Page";
import { RunDots } from "@/shared/RunDots";
import { Ago } from "@/shared/Time";
import { nameIn, referenceIn } from "../api";
import type { TemplateSearch } from "../search";
import { isNarrowed } from "../search";
import { Favourite } from "./Favourite";
import { Labels } from "./Labels";
import classes from "./templates.module.css";

interface Props {
  readonly project: string;
  readonly templates: readonly SchemaTemplateView[];
  readonly search: TemplateSearch;
}

export function TemplateTable({ project, templates, search }: Props) {
  const { t } = useTranslation("templates");
  const runs = useQuery(
    lastRunsQuery(
      project,
      templates.map((one) => one.template_id),
    ),
  );
  if (templates.length === 0) {
    return (
      <div className="card">
        <Nothing title={t(isNarrowed(search) ? "none.matching" : "none.title")}>
          {t(isNarrowed(search) ? "none.widen" : "none.text")}
        </Nothing>
      </div>
    );
  }
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <span className="unseen">{t("column.favourite")}</span>
            </Table.Th>
            <Table.Th>{t("column.title")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.category")}</Table.Th>
            <Table.Th w={80}>{t("column.version")}</Table.Th>
            <Table.Th w={150} className={classes["wide"] ?? ""}>
              {t("column.runs")}
            </Table.Th>
            <Table.Th w={120} className={classes["wide"] ?? ""}>
              {t("column.updated")}
            </Table.Th>
            <Table.Th w={66}>
              <span className="unseen">{t("start")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {templates.map((template) => (
            <Line
              key={template.template_id}
              project={project}
              template={template}
              runs={runs.data?.get(template.template_id)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Line({
  project,
  template,
  runs,
}: {
  readonly project: string;
  readonly template: SchemaTemplateView;
  /** Undefined until they are known. */
  readonly runs: readonly SchemaRunView[] | undefined;
}) {
  const { t } = useTranslation(["templates", "shared"]);
  return (
    <Table.Tr>
      <Table.Td>
        <Favourite project={project} template={template} />
      </Table.Td>
      <Table.Td className={classes["title"] ?? ""}>
        <Group gap={6} wrap="nowrap">
          <Link
            to="/projects/$project/templates/$template"
            params={{ project, template: nameIn(project, template) }}
            className="link cut"
            title={template.title}
          >
            {template.title === "" ? template.key : template.title}
          </Link>
          {template.is_common && (
            <Badge size="xs" variant="outline" color="gray">
              {t("common")}
            </Badge>
          )}
          <Labels labels={template.labels} />
        </Group>
        <Text size="xs" className="faint code cut" component="div">
          {referenceIn(project, template)}
        </Text>
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>{template.category}</Table.Td>
      <Table.Td className="numbers">
        {template.latest_version === null ? (
          <span className="faint">{t("draft")}</span>
        ) : (
          t("shared:version", { number: template.latest_version })
        )}
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>
        {runs !== undefined && <RunDots runs={runs} />}
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>
        <Ago at={template.updated_at} />
      </Table.Td>
      <Table.Td ta="right" className={classes["go"] ?? ""}>
        {template.latest_version !== null && template.deleted_at === null && (
          <LinkText
            to="/projects/$project/templates/$template/start"
            params={{ project, template: nameIn(project, template) }}
          >
            {t("start")}
          </LinkText>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
