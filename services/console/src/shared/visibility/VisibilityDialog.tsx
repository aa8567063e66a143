import { Button, Code, Group, MultiSelect, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../Dialog";
import { api, body, once } from "@/api/client";
import type { SchemaVisibilityView } from "@/api/schema";
import { Rows } from "../Page";
import { ProblemPanel } from "../ProblemPanel";
import { PROJECTS_KEY, readProjects } from "../project";

interface Props {
  /** The template's home. */
  readonly project: string;
  readonly template: string;
  readonly onClose: () => void;
}

const WHO = ["own", "some", "all"] as const;

type Who = (typeof WHO)[number];

/** Chooses which other projects may list, start and use a template. */
export function VisibilityDialog({ project, template, onClose }: Props) {
  const { t } = useTranslation(["visibility", "shared"]);
  const found = useQuery({
    queryKey: ["visibility", project, template],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates/{template}/visibility", {
          params: { path: { project, template } },
          signal,
        }),
      ),
    // What is chosen here begins with what holds now, not with what held a while ago.
    gcTime: 0,
  });
  return (
    <Dialog opened title={t("title")} onClose={onClose}>
      {found.error !== null && (
        <ProblemPanel error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.data === undefined && found.error === null && <Rows count={3} />}
      {found.data !== undefined && (
        <Choice project={project} template={template} known={found.data} onClose={onClose} />
      )}
    </Dialog>
  );
}

function whoOf(known: SchemaVisibilityView): Who {
  if (known.all) return "all";
  return known.projects.length > 0 ? "some" : "own";
}

function Choice({
  project,
  template,
  known,
  onClose,
}: Props & { readonly known: SchemaVisibilityView }) {
  const { t } = useTranslation(["visibility", "shared"]);
  const queries = useQueryClient();
  const projects = useQuery({ queryKey: PROJECTS_KEY, queryFn: readProjects });
  const [who, setWho] = useState(whoOf(known));
  const [chosen, setChosen] = useState<readonly string[]>(known.projects);
  const saving = useMutation({
    mutationFn: () =>
      body(
        api.PUT("/api/v1/projects/{project}/templates/{template}/visibility", {
          params: { path: { project, template }, header: once() },
          body: { all: who === "all", projects: who === "some" ? [...chosen] : [] },
        }),
      ),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["templates"] }),
  });
  const others = (projects.data ?? []).map((one) => one.name).filter((name) => name !== project);
  return (
    <Stack>
      <Text size="sm">
        {t("calledHere")} <Code>{known.reference}</Code>
      </Text>
      <Radio.Group
        label={t("who")}
        value={who}
        onChange={(next) => setWho(WHO.find((one) => one === next) ?? who)}
      >
        <Stack gap={8} mt={6}>
          {WHO.map((one) => (
            <Radio key={one} size="xs" value={one} label={t(`choice.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {who === "some" && (
        <MultiSelect
          label={t("projects")}
          data={[...new Set([...others, ...known.projects])]}
          value={[...chosen]}
          searchable
          onChange={setChosen}
        />
      )}
      <Text size="xs" className="faint">
        {t("withdrawn")}
      </Text>
      {saving.error !== null && <ProblemPanel error={saving.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("shared:cancel")}
        </Button>
        <Button
          loading={saving.isPending}
          disabled={who === "some" && chosen.length === 0}
          onClick={() => saving.mutate()}
        >
          {t("shared:save")}
        </Button>
      </Group>
    </Stack>
  );
}
