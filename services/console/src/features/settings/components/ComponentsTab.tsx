import { Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { lazily } from "@/shared/lazily";
import { Nothing, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import { componentsQuery } from "../api";
import { rulesOf } from "../rules";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";

const ComponentsEditor = lazily(async () => (await import("./ComponentsEditor")).ComponentsEditor);

/** Which plugins take the place of components of bk-sops in imports. */
export function ComponentsTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const table = useQuery(componentsQuery(project));
  const [isEdited, setEdited] = useState(false);
  if (table.data === undefined) {
    if (table.error === null) return <Rows count={4} />;
    return <ProblemPanel error={table.error} onRetry={() => void table.refetch()} />;
  }
  if (isEdited) {
    return (
      <Suspense fallback={<Rows count={6} />}>
        <ComponentsEditor
          project={project}
          rules={table.data.rules}
          onClose={() => setEdited(false)}
        />
      </Suspense>
    );
  }
  const rules = rulesOf(table.data.rules);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="faint">
          {t("components.hint")}{" "}
          {table.data.actor !== null && (
            <>
              {table.data.actor} · <Ago at={table.data.updated_at} />
            </>
          )}
        </Text>
        <Button leftSection={<Pencil size={14} aria-hidden />} onClick={() => setEdited(true)}>
          {t("components.edit")}
        </Button>
      </Group>
      {rules.length === 0 ? (
        <div className="card">
          <Nothing title={t("components.none")}>{t("components.noneText")}</Nothing>
        </div>
      ) : (
        <div className={`card ${classes["frame"] ?? ""}`}>
          <Table verticalSpacing={5} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("components.code")}</Table.Th>
                <Table.Th>{t("components.plugin")}</Table.Th>
                <Table.Th>{t("components.inputs")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.map((rule) => (
                <Table.Tr key={rule.code}>
                  <Table.Td className="code">{rule.code}</Table.Td>
                  <Table.Td className="code">{rule.plugin}</Table.Td>
                  <Table.Td className="code faint">{rule.inputs.join(", ")}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Stack>
  );
}
