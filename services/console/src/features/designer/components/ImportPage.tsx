import { Badge, Button, FileInput, Group, NavLink, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaDiagnosticView, SchemaImportedTemplateView } from "@/api/schema";
import type { JsonObject } from "@/canvas/flow";
import { flowOf } from "@/canvas/flow";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import type { NodeLook } from "@/shared/graph/types";
import { LinkButton } from "@/shared/links";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { importFiles } from "../api";
import { useLayout } from "../useLayout";
import classes from "./designer.module.css";

type Mode = "preview" | "draft" | "publish";

/** Takes flows of other systems over: shown first, with all that would be different. */
export function ImportPage() {
  const { t } = useTranslation("designer");
  const { project } = useParams({ from: "/inside/projects/$project/templates/import" });
  const queries = useQueryClient();
  const [files, setFiles] = useState<File[]>([]);
  const doing = useMutation({
    mutationFn: async ({ chosen, mode }: { chosen: File[]; mode: Mode }) => {
      const texts = await Promise.all(
        chosen.map(async (file) => ({ name: file.name, text: await file.text() })),
      );
      return importFiles(project, { files: texts, mode, key_prefix: "" });
    },
    onSuccess: (_, { mode }) => {
      if (mode !== "preview") void queries.invalidateQueries({ queryKey: ["templates", project] });
    },
  });
  const choose = (chosen: File[]) => {
    setFiles(chosen);
    if (chosen.length > 0) doing.mutate({ chosen, mode: "preview" });
    else doing.reset();
  };
  const run = (mode: Mode) => doing.mutate({ chosen: files, mode });
  return (
    <>
      <PageHead title={t("import.title")} below={<Text size="sm">{t("import.text")}</Text>} />
      <Group align="flex-end" gap="xs">
        <FileInput
          label={t("import.files")}
          placeholder={t("import.choose")}
          multiple
          clearable
          clearButtonProps={{ "aria-label": t("import.clear") }}
          miw={260}
          maw={520}
          value={files}
          onChange={choose}
          accept=".yaml,.yml,.json,.dat"
        />
        <Button
          disabled={files.length === 0}
          loading={doing.isPending}
          onClick={() => run("draft")}
        >
          {t("import.drafts")}
        </Button>
        <Button
          variant="default"
          disabled={files.length === 0}
          loading={doing.isPending}
          onClick={() => run("publish")}
        >
          {t("import.publish")}
        </Button>
      </Group>
      {doing.error !== null && <ProblemPanel error={doing.error} />}
      {doing.data === undefined && doing.isPending && <Rows />}
      {doing.data !== undefined && (
        <Imported
          project={project}
          templates={doing.data.templates}
          diagnostics={doing.data.diagnostics}
        />
      )}
    </>
  );
}

function Imported({
  project,
  templates,
  diagnostics,
}: {
  readonly project: string;
  readonly templates: readonly SchemaImportedTemplateView[];
  readonly diagnostics: readonly SchemaDiagnosticView[];
}) {
  const { t } = useTranslation("designer");
  const [key, setKey] = useState<string | null>(null);
  const shown = templates.find((one) => one.key === key) ?? templates[0];
  const own = diagnostics.filter(
    (one) => one.file === shown?.file && one.template === shown.flow_id,
  );
  const others = diagnostics.filter(
    (one) => !templates.some(({ file, flow_id: id }) => one.file === file && one.template === id),
  );
  return (
    <div className={classes["imported"]}>
      <nav aria-label={t("import.flows")}>
        <Title order={2} mb={6}>
          {t("import.flows")}
        </Title>
        {templates.map((template) => (
          <NavLink
            key={template.key}
            component="button"
            active={template.key === shown?.key}
            label={template.title === "" ? template.key : template.title}
            description={template.key}
            rightSection={<Outcome outcome={template.outcome} />}
            onClick={() => setKey(template.key)}
          />
        ))}
      </nav>
      <Stack gap="sm" miw={0}>
        {shown !== undefined && (
          <Shown key={shown.key} project={project} template={shown} diagnostics={own} />
        )}
        {others.length > 0 && (
          <Diagnostics diagnostics={others} names={new Map()} title={t("import.whole")} />
        )}
      </Stack>
    </div>
  );
}

const TONES = {
  previewed: "gray",
  draft: "blue",
  published: "teal",
  unchanged: "gray",
  refused: "red",
} as const;

function Outcome({ outcome }: { readonly outcome: SchemaImportedTemplateView["outcome"] }) {
  const { t } = useTranslation("designer");
  return (
    <Badge variant="light" size="sm" color={TONES[outcome]}>
      {t(`import.outcome.${outcome}`)}
    </Badge>
  );
}

function Shown({
  project,
  template,
  diagnostics,
}: {
  readonly project: string;
  readonly template: SchemaImportedTemplateView;
  readonly diagnostics: readonly SchemaDiagnosticView[];
}) {
  const { t } = useTranslation("designer");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const flow = useMemo(() => flowOf(template.document as JsonObject), [template]);
  const { positions, routes, direction, isReady, error, retry } = useLayout(flow);
  const names = useMemo(() => new Map(Object.entries(template.node_ids)), [template]);
  const looks = useMemo(
    () => looksOf(template, diagnostics, names, (count) => t("import.differs", { count })),
    [template, diagnostics, names, t],
  );
  const [one] = selected;
  const chosen =
    one === undefined
      ? diagnostics
      : diagnostics.filter(({ node_id: id }) => id !== null && names.get(id) === one);
  const isThere = template.outcome !== "previewed";
  return (
    <>
      <Group justify="space-between">
        <Title order={2}>{template.title === "" ? template.key : template.title}</Title>
        {isThere && (
          <LinkButton
            to="/projects/$project/templates/$template/edit"
            params={{ project, template: template.key }}
          >
            {t("import.open")}
          </LinkButton>
        )}
      </Group>
      <div className={classes["importGraph"]}>
        {error !== null && <ProblemPanel error={error} onRetry={retry} />}
        {isReady && (
          <FlowGraph
            flow={flow}
            positions={positions}
            routes={routes}
            direction={direction}
            label={t("canvas", { title: template.title })}
            looks={looks}
            selected={selected}
            onSelect={setSelected}
          />
        )}
      </div>
      <Diagnostics diagnostics={chosen} names={names} title={t("import.diagnostics")} />
    </>
  );
}

const SEVERITIES = ["error", "warning", "note"] as const;

/** Return how nodes look that are not what they were: an error marks them, the rest is counted. */
function looksOf(
  template: SchemaImportedTemplateView,
  diagnostics: readonly SchemaDiagnosticView[],
  names: ReadonlyMap<string, string>,
  differs: (count: number) => string,
): Readonly<Record<string, NodeLook>> {
  const looks: Record<string, { problem?: string; badge?: string }> = {};
  const counts = new Map<string, number>();
  for (const { node_id: id, severity, reason, repair } of diagnostics) {
    const name = id === null ? undefined : names.get(id);
    if (name === undefined) continue;
    const look = (looks[name] ??= {});
    if (severity === "error") look.problem ??= `${reason} ${repair}`;
    else counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of counts) (looks[name] ??= {}).badge = differs(count);
  for (const { node_id: id, msg } of template.problems) {
    if (typeof id === "string") (looks[id] ??= {}).problem ??= msg;
  }
  return looks;
}

function Diagnostics({
  diagnostics,
  names,
  title,
}: {
  readonly diagnostics: readonly SchemaDiagnosticView[];
  readonly names: ReadonlyMap<string, string>;
  readonly title: string;
}) {
  const { t } = useTranslation("designer");
  const count = (severity: string) => diagnostics.filter((one) => one.severity === severity).length;
  const sorted = diagnostics.toSorted(
    (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
  );
  return (
    <section>
      <Title order={3} size="sm">
        {title}
      </Title>
      {diagnostics.length === 0 ? (
        <Text size="sm">{t("import.none")}</Text>
      ) : (
        <Text size="sm" mb={4}>
          {SEVERITIES.map((one) => t(`import.counts.${one}`, { count: count(one) })).join(", ")}
        </Text>
      )}
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {sorted.map(({ severity, node_id: id, reason, repair, path, code }) => (
            <Table.Tr key={`${code}${path.join(".")}${reason}`}>
              <Table.Td w={90} valign="top">
                <span className={classes["severity"]} data-severity={severity}>
                  {t(`import.${severity}`)}
                </span>
              </Table.Td>
              <Table.Td w={130} valign="top" className="code">
                {id === null ? "" : (names.get(id) ?? id)}
              </Table.Td>
              <Table.Td>
                <Text size="sm">{reason}</Text>
                {repair !== "" && (
                  <Text size="xs" className="faint">
                    {repair}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
