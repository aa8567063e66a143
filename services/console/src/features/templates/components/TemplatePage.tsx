import { Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ChevronRight, ChevronsLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import type { SchemaTemplateView } from "@/api/schema";
import { instancesQuery, useLiveInstances } from "@/shared/instances";
import { InstanceLines } from "@/shared/InstanceLines";
import { Nothing, PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import { referenceIn, templateQuery, versionsQuery } from "../api";
import { Favourite } from "./Favourite";
import { Labels } from "./Labels";
import classes from "./templates.module.css";

/** One template: its versions, and its last runs. */
export function TemplatePage() {
  const { project, template } = useParams({
    from: "/inside/projects/$project/templates/$template",
  });
  const found = useQuery(templateQuery(project, template));
  useLiveInstances(project);
  if (found.data === undefined) {
    if (found.error === null) return <Rows />;
    return <ProblemPanel error={found.error} onRetry={() => void found.refetch()} />;
  }
  return (
    <Stack gap="lg">
      <Head project={project} template={found.data} />
      <Runs project={project} template={found.data} />
      <Versions key={template} project={project} template={template} />
    </Stack>
  );
}

interface Props {
  readonly project: string;
  readonly template: SchemaTemplateView;
}

function Head({ project, template }: Props) {
  const { t } = useTranslation(["templates", "shared"]);
  return (
    <PageHead
      title={template.title === "" ? template.key : template.title}
      below={
        <Stack gap={6}>
          <Group gap="sm" wrap="wrap">
            <Text size="sm" className="faint code">
              {referenceIn(project, template)}
            </Text>
            <Text size="sm">{template.category}</Text>
            <Labels labels={template.labels} />
            <Text size="sm" className="numbers">
              {template.latest_version === null
                ? t("unpublished")
                : t("latest", { number: template.latest_version })}
            </Text>
          </Group>
          {template.description !== "" && (
            <Text size="sm" maw={760} style={{ whiteSpace: "pre-line" }}>
              {template.description}
            </Text>
          )}
        </Stack>
      }
    >
      <Favourite project={project} template={template} />
    </PageHead>
  );
}

const RUNS_SHOWN = 8;

function Runs({ project, template }: Props) {
  const { t } = useTranslation(["templates", "shared"]);
  const reference = referenceIn(project, template);
  const runs = useQuery(instancesQuery(project, { template: reference, limit: RUNS_SHOWN }));
  return (
    <section aria-labelledby="runs">
      <Group justify="space-between" mb={6}>
        <Title order={2} id="runs">
          {t("runs.title")}
        </Title>
        <LinkText
          to="/projects/$project/instances"
          params={{ project }}
          search={{ template: reference }}
        >
          {t("runs.all")}
        </LinkText>
      </Group>
      <div className="card">
        <InstanceLines list={runs} none={t("runs.none")} />
      </div>
    </section>
  );
}

function Versions({ project, template }: { readonly project: string; readonly template: string }) {
  const { t } = useTranslation(["templates", "shared"]);
  const [cursor, setCursor] = useState<string | null>(null);
  const list = useQuery(versionsQuery(project, template, cursor));
  const next = list.data?.next_cursor ?? null;
  return (
    <section aria-labelledby="versions">
      <Title order={2} id="versions" mb={6}>
        {t("versions.title")}
      </Title>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      <div className={`card ${classes["frame"] ?? ""}`}>
        {list.data?.items.length === 0 && <Nothing title={t("versions.none")} />}
        {list.data !== undefined && list.data.items.length > 0 && (
          <Table verticalSpacing={5} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={80}>{t("column.version")}</Table.Th>
                <Table.Th>{t("column.note")}</Table.Th>
                <Table.Th>{t("column.actor")}</Table.Th>
                <Table.Th w={130}>{t("column.published")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.data.items.map((version) => (
                <Table.Tr key={version.number}>
                  <Table.Td className="numbers">
                    {t("shared:version", { number: version.number })}
                  </Table.Td>
                  <Table.Td>{version.note === "" ? "–" : version.note}</Table.Td>
                  <Table.Td>{version.actor}</Table.Td>
                  <Table.Td>
                    <Ago at={version.published_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      <Group justify="flex-end" mt="sm">
        {cursor !== null && (
          <Button
            variant="default"
            leftSection={<ChevronsLeft size={14} aria-hidden />}
            onClick={() => setCursor(null)}
          >
            {t("shared:newest")}
          </Button>
        )}
        {next !== null && (
          <Button
            variant="default"
            rightSection={<ChevronRight size={14} aria-hidden />}
            onClick={() => setCursor(next)}
          >
            {t("shared:older")}
          </Button>
        )}
      </Group>
    </section>
  );
}
