import { Button, Group, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SchemaCommandView } from "@/api/schema";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import { commandsQuery } from "../api";
import type texts from "../locales/en.json";
import type { Happening } from "../logic/history";
import { happeningsOf } from "../logic/history";
import { nodesOf } from "../logic/changes";
import { useReread } from "../useReread";
import { useRunState } from "./context";
import { FurtherItems } from "./FurtherItems";
import { Value } from "./JsonView";
import { useNameOf } from "./words";
import classes from "./run.module.css";

type Kind = keyof typeof texts.history.kind;

/** What happened, by whom: who asked for what, and what became of it. */
export function HistoryTab() {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  const { instance_id: instance, revision } = view;
  const wanted = commandsQuery(instance);
  const list = useInfiniteQuery(wanted);
  // Whatever was asked for by others is told by nothing but what it changes.
  useReread(wanted.queryKey, revision);
  if (list.data === undefined) {
    if (list.error === null) return <Rows />;
    return <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />;
  }
  const commands = list.data.pages.flatMap((page) => page.items);
  const happenings = happeningsOf(view, commands, !list.hasNextPage);
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table verticalSpacing={6} horizontalSpacing="sm" aria-label={t("tabs.history")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes["when"] ?? ""}>{t("history.when")}</Table.Th>
            <Table.Th className={classes["who"] ?? ""}>{t("history.who")}</Table.Th>
            <Table.Th>{t("history.what")}</Table.Th>
            <Table.Th className={classes["outcome"] ?? ""}>{t("history.outcome")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {happenings.map((one) =>
            one.kind === "asked" ? (
              <Line key={one.command.command_id} command={one.command} />
            ) : (
              <ToldLine key={keyOf(one)} told={one} />
            ),
          )}
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
      <FurtherItems />
    </div>
  );
}

type Told = Exclude<Happening, { readonly kind: "asked" }>;

function keyOf(told: Told): string {
  return told.kind === "failed" ? `${told.node} ${told.number}` : told.kind;
}

/** Return what people call a node of this run. */
function useNames(): (id: string) => string {
  const { view } = useRunState();
  const nameOf = useNameOf();
  return (id) => {
    const node = nodesOf(view).get(id);
    return node === undefined ? id : nameOf(node);
  };
}

/** What nobody has asked for. */
function ToldLine({ told }: { readonly told: Told }) {
  const { t } = useTranslation("run");
  const { go } = useRunState();
  const nameOf = useNames();
  return (
    <Table.Tr>
      <Table.Td>
        <Ago at={told.at} />
      </Table.Td>
      <Table.Td className="faint">–</Table.Td>
      <Table.Td>
        {told.kind === "ended" && t("history.ended")}
        {told.kind === "failed" && (
          <>
            <button
              type="button"
              className={classes["nodeButton"]}
              onClick={() => go({ node: told.node, attempt: told.number })}
            >
              {nameOf(told.node)}
            </button>{" "}
            {t("history.failed", { number: told.number })}
            <Text size="xs" c="var(--bad-text)" component="div">
              {told.failure.message}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td>
        <StatusBadge status={told.kind === "ended" ? told.status : "failed"} />
      </Table.Td>
    </Table.Tr>
  );
}

function Line({ command }: { readonly command: SchemaCommandView }) {
  const { t, i18n } = useTranslation("run");
  const { go } = useRunState();
  const nameOf = useNames();
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
            {nameOf(node)}
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
