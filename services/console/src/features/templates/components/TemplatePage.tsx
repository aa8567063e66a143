import { Alert, Button, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ChevronRight, ChevronsLeft, Pencil, Play } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaTemplateView } from "@/api/schema";
import type { JsonObject } from "@/canvas/flow";
import { instancesQuery, useLiveInstances } from "@/shared/instances";
import { InstanceLines } from "@/shared/InstanceLines";
import { lazily } from "@/shared/lazily";
import { LinkButton, LinkText } from "@/shared/links";
import { Nothing, PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import { Uses } from "@/shared/uses/Uses";
import {
  TEMPLATES_KEY,
  nameIn,
  referenceIn,
  restoreTemplate,
  templateQuery,
  versionQuery,
  versionsQuery,
} from "../api";
import { Favourite } from "./Favourite";
import { Labels } from "./Labels";
import { Outdated } from "./Outdated";
import { TemplateMenu } from "./TemplateMenu";
import classes from "./templates.module.css";

const Drawing = lazily(async () => (await import("./Drawing")).Drawing);

/** One template: what it does, its last runs, its versions, and who uses it. */
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
      {found.data.deleted_at !== null && <Deleted project={project} template={found.data} />}
      <Outdated project={project} template={template} />
      <Drawn key={`drawn ${template}`} project={project} template={found.data} />
      <Runs project={project} template={found.data} />
      <Versions
        key={template}
        project={project}
        template={template}
        isDeleted={found.data.deleted_at !== null}
      />
      {found.data.project === project && <UsedBy project={project} template={found.data} />}
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
      {template.deleted_at === null && <Ways project={project} template={template} />}
    </PageHead>
  );
}

/** Where one goes from here; what belongs to another project is drawn there. */
function Ways({ project, template }: Props) {
  const { t } = useTranslation("templates");
  const params = { project, template: nameIn(project, template) };
  return (
    <>
      {template.latest_version !== null && (
        <LinkButton
          to="/projects/$project/templates/$template/start"
          params={params}
          variant="filled"
          leftSection={<Play size={14} aria-hidden />}
        >
          {t("start")}
        </LinkButton>
      )}
      {template.project === project && (
        <>
          <LinkButton
            to="/projects/$project/templates/$template/edit"
            params={params}
            leftSection={<Pencil size={14} aria-hidden />}
          >
            {t("edit")}
          </LinkButton>
          <TemplateMenu project={project} template={template} />
        </>
      )}
    </>
  );
}

/** Says that a template is gone, and brings it back. */
function Deleted({ project, template }: Props) {
  const { t } = useTranslation("templates");
  const queries = useQueryClient();
  const restoring = useMutation({
    mutationFn: () => restoreTemplate(project, template.key),
    onSettled: () => queries.invalidateQueries({ queryKey: [TEMPLATES_KEY, project] }),
  });
  return (
    <Alert color="gray" variant="light" title={t("deleted.title")}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t("deleted.text")}</Text>
        {restoring.error !== null && <ProblemPanel error={restoring.error} />}
        <Button variant="default" loading={restoring.isPending} onClick={() => restoring.mutate()}>
          {t("deleted.restore")}
        </Button>
      </Stack>
    </Alert>
  );
}

/** The latest version, drawn. */
function Drawn({ project, template }: Props) {
  const { t } = useTranslation("templates");
  const number = template.latest_version;
  const version = useQuery({
    ...versionQuery(project, nameIn(project, template), number ?? 0),
    enabled: number !== null,
  });
  return (
    <section aria-labelledby="flow">
      <Title order={2} id="flow" mb={6}>
        {t("drawing.title")}
      </Title>
      {number === null && (
        <div className="card">
          <Nothing title={t("unpublished")}>{t("drawing.none")}</Nothing>
        </div>
      )}
      {version.error !== null && (
        <ProblemPanel error={version.error} onRetry={() => void version.refetch()} />
      )}
      {number !== null && version.data === undefined && version.error === null && <DrawingPlace />}
      {version.data !== undefined && (
        <Suspense fallback={<DrawingPlace />}>
          <Drawing
            key={version.data.content_hash}
            project={project}
            contentHash={version.data.content_hash}
            document={version.data.document as JsonObject}
          />
        </Suspense>
      )}
    </section>
  );
}

/** What stands where the drawing will be. */
function DrawingPlace() {
  return <Skeleton className={classes["drawing"] ?? ""} aria-busy />;
}

/** Who runs it as a subflow. */
function UsedBy({ project, template }: Props) {
  const { t } = useTranslation("templates");
  const latest = template.latest_version ?? 0;
  const count = Math.min(latest, VERSIONS_OFFERED);
  return (
    <section aria-labelledby="uses">
      <Title order={2} id="uses" mb={6}>
        {t("uses")}
      </Title>
      <Uses
        project={project}
        target={{ kind: "template", project, template: template.key }}
        versions={Array.from({ length: count }, (_, index) => String(latest - index))}
      />
    </section>
  );
}

/** How many versions, the latest first, uses can be brought to. */
const VERSIONS_OFFERED = 20;

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

function Versions({
  project,
  template,
  isDeleted,
}: {
  readonly project: string;
  readonly template: string;
  readonly isDeleted: boolean;
}) {
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
                <Table.Th w={80}>
                  <span className="unseen">{t("start")}</span>
                </Table.Th>
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
                  <Table.Td ta="right" className={classes["go"] ?? ""}>
                    {!isDeleted && (
                      <LinkText
                        to="/projects/$project/templates/$template/start"
                        params={{ project, template }}
                        search={{ version: version.number }}
                        aria-label={t("versions.start", { number: version.number })}
                      >
                        {t("start")}
                      </LinkText>
                    )}
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
