import { Button, Group, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaCommandView } from "@/api/schema";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import { commandsQuery } from "../api";
import type texts from "../locales/en.json";
import { useRunState } from "./context";
import { Value } from "./JsonView";
import classes from "./run.module.css";

type Kind = keyof typeof texts.history.kind;

/** What happened, by whom: who asked for what, and what became of it. */
export function HistoryTab() {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  const { instance_id: instance, revision } = view;
  const queries = useQueryClient();
  const list = useInfiniteQuery(commandsQuery(instance));
  // Whatever was asked for by others is told by nothing but what it changes.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["commands", instance] });
  }, [queries, instance, revision]);
  if (list.data === undefined) {
    if (list.error === null) return <Rows />;
    return <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />;
  }
  const commands = list.data.pages.flatMap((page) => page.items);
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table verticalSpacing={6} horizontalSpacing="sm" aria-label={t("tabs.history")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={120}>{t("history.when")}</Table.Th>
            <Table.Th w={140}>{t("history.who")}</Table.Th>
            <Table.Th>{t("history.what")}</Table.Th>
            <Table.Th w={150}>{t("history.outcome")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {commands.map((command) => (
            <Line key={command.command_id} command={command} />
          ))}
          {!list.hasNextPage && (
            <Table.Tr>
              <Table.Td>
                <Ago at={view.created_at} />
              </Table.Td>
              <Table.Td>{view.actor}</Table.Td>
              <Table.Td>{t("history.began")}</Table.Td>
              <Table.Td />
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
      {list.hasNextPage && (
        <Group p="sm">
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t("history.more")}
          </Button>
        </Group>
      )}
    </div>
  );
}

function Line({ command }: { readonly command: SchemaCommandView }) {
  const { t, i18n } = useTranslation("run");
  const { go } = useRunState();
  const { kind, node_id: node, payload, outcome, message } = command;
  const words = i18n.exists(`history.kind.${kind}`, { ns: "run" })
    ? t(`history.kind.${kind as Kind}`)
    : kind;
  const said = Object.entries(payload).filter(([, value]) => value !== null && value !== "");
  return (
    <Table.Tr>
      <Table.Td>
        <Ago at={command.created_at} />
      </Table.Td>
      <Table.Td>{command.actor}</Table.Td>
      <Table.Td>
        {words}{" "}
        {node !== null && (
          <button
            type="button"
            className={classes["nodeButton"]}
            onClick={() => go({ node, attempt: null })}
          >
            {node}
          </button>
        )}
        {said.map(([name, value]) => (
          <Text key={name} size="xs" className="faint" component="div">
            {name}: <Value value={value} />
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        {outcome === null ? t("history.open") : <StatusBadge status={outcome} />}
        {message !== null && (
          <Text size="xs" className="faint">
            {message}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
