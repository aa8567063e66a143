import { Box, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { queuesQuery } from "@/shared/queues";
import { duration } from "@/shared/time";
import { Panel } from "./HomePage";

/** How much waits in each queue. */
export function Queues() {
  const { t } = useTranslation("home");
  const list = useQuery(queuesQuery);
  return (
    <Box mt="md">
      <Panel title={t("panel.queues")}>
        {list.error !== null && (
          <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
        )}
        {list.data?.items.length === 0 && (
          <Text size="sm" className="faint" p="sm">
            {t("none.queues")}
          </Text>
        )}
        {list.data !== undefined && list.data.items.length > 0 && (
          <Table verticalSpacing={4} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("queue.name")}</Table.Th>
                <Table.Th ta="right">{t("queue.waiting")}</Table.Th>
                <Table.Th ta="right">{t("queue.handedOut")}</Table.Th>
                <Table.Th ta="right">{t("queue.oldest")}</Table.Th>
                <Table.Th ta="right">{t("queue.starts")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody className="numbers">
              {list.data.items.map((queue) => (
                <Table.Tr key={queue.queue}>
                  <Table.Td>{queue.queue}</Table.Td>
                  <Table.Td ta="right">{queue.waiting}</Table.Td>
                  <Table.Td ta="right">{queue.handed_out}</Table.Td>
                  <Table.Td ta="right">
                    {queue.oldest_waiting_seconds === 0
                      ? "–"
                      : duration(queue.oldest_waiting_seconds * 1000)}
                  </Table.Td>
                  <Table.Td ta="right">{queue.waiting_starts}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Panel>
    </Box>
  );
}
