import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SchemaQueueView } from "@/api/schema";
import { Nothing, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { queuesQuery } from "@/shared/queues";
import { duration } from "@/shared/time";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";

/** How much waits in each queue, and how much of it is this project's. */
export function QueuesTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const list = useQuery(queuesQuery);
  const queues = list.data?.items;
  return (
    <Stack gap="sm">
      <Text size="sm" className="faint">
        {t("queues.hint")}
      </Text>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {queues === undefined && list.error === null && <Rows count={3} />}
      {queues?.length === 0 && (
        <div className="card">
          <Nothing title={t("queues.none")} />
        </div>
      )}
      {queues !== undefined && queues.length > 0 && (
        <div
          className={`card ${classes["frame"] ?? ""}`}
          tabIndex={0}
          role="group"
          aria-label={t("tab.queues")}
        >
          <Table verticalSpacing={5} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("queues.name")}</Table.Th>
                <Table.Th ta="right">{t("queues.waiting")}</Table.Th>
                <Table.Th ta="right">{t("queues.own")}</Table.Th>
                <Table.Th ta="right">{t("queues.oldest")}</Table.Th>
                <Table.Th ta="right">{t("queues.handedOut")}</Table.Th>
                <Table.Th ta="right">{t("queues.running")}</Table.Th>
                <Table.Th ta="right">{t("queues.ended")}</Table.Th>
                <Table.Th ta="right">{t("queues.starts")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody className="numbers">
              {queues.map((queue) => (
                <QueueLine key={queue.queue} project={project} queue={queue} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Stack>
  );
}

function QueueLine({
  project,
  queue,
}: {
  readonly project: string;
  readonly queue: SchemaQueueView;
}) {
  const { i18n } = useTranslation();
  const own = queue.projects.find((one) => one.project === project)?.waiting ?? 0;
  const rate = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const age = (seconds: number) => (seconds === 0 ? "–" : duration(seconds * 1000));
  return (
    <Table.Tr>
      <Table.Td>{queue.queue}</Table.Td>
      <Table.Td ta="right">{queue.waiting}</Table.Td>
      <Table.Td ta="right">{own}</Table.Td>
      <Table.Td ta="right">{age(queue.oldest_waiting_seconds)}</Table.Td>
      <Table.Td ta="right">
        {queue.handed_out}
        <span className="faint"> / {queue.window}</span>
      </Table.Td>
      <Table.Td ta="right">{queue.running}</Table.Td>
      <Table.Td ta="right">{rate.format(queue.ended_per_second)}</Table.Td>
      <Table.Td ta="right">
        {queue.waiting_starts}
        {queue.waiting_starts > 0 && (
          <span className="faint"> · {age(queue.oldest_start_seconds)}</span>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
