import { Code, CopyButton, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Trans, useTranslation } from "react-i18next";
import { Nothing, Rows } from "@/shared/Page";
import { More } from "@/shared/More";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import { secretsQuery } from "../api";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";

/** The names of a project's secrets; their values are opened in the plugin gateway alone. */
export function SecretsTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const list = useInfiniteQuery(secretsQuery(project));
  const secrets = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="sm">
      <Text size="sm" className="faint">
        <Trans
          ns="settings"
          i18nKey="secrets.hint"
          values={{ command: `flowyard secret set NAME --project ${project}` }}
          components={{ code: <Code /> }}
        />
      </Text>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {secrets === undefined && list.error === null && <Rows count={4} />}
      {secrets?.length === 0 && (
        <div className="card">
          <Nothing title={t("secrets.none")} />
        </div>
      )}
      {secrets !== undefined && secrets.length > 0 && (
        <div className={`card ${classes["frame"] ?? ""}`}>
          <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("column.name")}</Table.Th>
                <Table.Th>{t("column.use")}</Table.Th>
                <Table.Th className={classes["wide"] ?? ""}>{t("column.changed")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {secrets.map((secret) => (
                <Table.Tr key={secret.name}>
                  <Table.Td className="code">{secret.name}</Table.Td>
                  <Table.Td>
                    <Copied text={`\${secrets.${secret.name}}`} />
                  </Table.Td>
                  <Table.Td className={`faint ${classes["wide"] ?? ""}`}>
                    {secret.actor} · <Ago at={secret.updated_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <More list={list} />
    </Stack>
  );
}

/** What stands for a secret in a definition, to be taken there. */
function Copied({ text }: { readonly text: string }) {
  const { t } = useTranslation("settings");
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <UnstyledButton onClick={copy} aria-label={t("secrets.copy", { text })} fz="sm">
          <Code>{text}</Code>
          <span role="status" className="faint">
            {copied ? ` ${t("secrets.copied")}` : ""}
          </span>
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
