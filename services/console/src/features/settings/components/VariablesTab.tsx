import { ActionIcon, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaVariableView } from "@/api/schema";
import { Nothing, Rows } from "@/shared/Page";
import { More } from "@/shared/More";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import { deleteVariable, variablesQuery } from "../api";
import { inLine, writtenOf } from "../values";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";
import { VariableDialog } from "./VariableDialog";

type Variable = SchemaVariableView;

/** What is open: a form for a new one, a form for a known one, or the question before it goes. */
type Opened =
  { readonly what: "new" } | { readonly what: "edit" | "delete"; readonly variable: Variable };

/** Variables that every template of a project reads. */
export function VariablesTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const list = useInfiniteQuery(variablesQuery(project));
  const [opened, setOpened] = useState<Opened | null>(null);
  const variables = list.data?.pages.flatMap((page) => page.items);
  const close = () => setOpened(null);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="faint">
          {t("variables.hint")}
        </Text>
        <Button
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setOpened({ what: "new" })}
        >
          {t("variables.new")}
        </Button>
      </Group>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {variables === undefined && list.error === null && <Rows count={4} />}
      {variables?.length === 0 && (
        <div className="card">
          <Nothing title={t("variables.none")}>{t("variables.noneText")}</Nothing>
        </div>
      )}
      {variables !== undefined && variables.length > 0 && (
        <VariableTable variables={variables} onOpen={setOpened} />
      )}
      <More list={list} />
      {opened?.what === "delete" && (
        <DeleteDialog project={project} variable={opened.variable} onClose={close} />
      )}
      {(opened?.what === "new" || opened?.what === "edit") && (
        <VariableDialog
          project={project}
          variable={opened.what === "edit" ? opened.variable : null}
          names={(variables ?? []).map((one) => one.name)}
          onClose={close}
        />
      )}
    </Stack>
  );
}

function VariableTable({
  variables,
  onOpen,
}: {
  readonly variables: readonly Variable[];
  readonly onOpen: (opened: Opened) => void;
}) {
  const { t } = useTranslation("settings");
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.name")}</Table.Th>
            <Table.Th>{t("column.value")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.kind")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.changed")}</Table.Th>
            <Table.Th w={84}>
              <span className="unseen">{t("column.acts")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {variables.map((variable) => (
            <Table.Tr key={variable.name}>
              <Table.Td className="code">{variable.name}</Table.Td>
              <Table.Td className={classes["value"] ?? ""}>
                <div className="code cut" title={inLine(variable.value)}>
                  {inLine(variable.value)}
                </div>
                {variable.description !== "" && (
                  <Text size="xs" className="faint">
                    {variable.description}
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={classes["wide"] ?? ""}>
                {t(`kind.${writtenOf(variable.value).kind}`)}
              </Table.Td>
              <Table.Td className={`faint ${classes["wide"] ?? ""}`}>
                {variable.actor} · <Ago at={variable.updated_at} />
              </Table.Td>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t("variables.edit", { name: variable.name })}
                    onClick={() => onOpen({ what: "edit", variable })}
                  >
                    <Pencil size={15} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t("variables.delete", { name: variable.name })}
                    onClick={() => onOpen({ what: "delete", variable })}
                  >
                    <Trash2 size={15} aria-hidden />
                  </ActionIcon>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function DeleteDialog({
  project,
  variable,
  onClose,
}: {
  readonly project: string;
  readonly variable: Variable;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const deleting = useMutation({
    mutationFn: () => deleteVariable(project, variable.name),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["variables", project] }),
  });
  return (
    <Dialog opened title={t("variables.delete", { name: variable.name })} onClose={onClose}>
      <Stack>
        <Text size="sm">{t("variables.deleteText", { name: variable.name })}</Text>
        {deleting.error !== null && <ProblemPanel error={deleting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button color="red" loading={deleting.isPending} onClick={() => deleting.mutate()}>
            {t("variables.deleteGo")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
