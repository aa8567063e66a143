import { Table, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SchemaInstanceSummaryView, SchemaPageInstanceSummaryView } from "@/api/schema";
import { Rows } from "./Page";
import { ProblemPanel } from "./ProblemPanel";
import { StatusBadge } from "./StatusBadge";
import { Ago, Took } from "./Time";

type Row = SchemaInstanceSummaryView;

/** A short list of instances, for pages that show several. */
export function InstanceLines({
  list,
  choose = (rows) => rows,
  none,
}: {
  readonly list: UseQueryResult<SchemaPageInstanceSummaryView>;
  /** Which of the page's are shown, and in which order. */
  readonly choose?: (rows: readonly Row[]) => readonly Row[];
  /** What is said where there are none. */
  readonly none: string;
}) {
  if (list.data === undefined) {
    if (list.error === null) return <Rows count={3} />;
    return <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />;
  }
  const rows = choose(list.data.items);
  if (rows.length === 0) {
    return (
      <Text size="sm" className="faint" p="sm">
        {none}
      </Text>
    );
  }
  return (
    <Table verticalSpacing={4} horizontalSpacing="sm" layout="fixed">
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.instance_id}>
            <Table.Td w={122}>
              <StatusBadge status={row.status} />
            </Table.Td>
            <Table.Td className="cut lines">
              <Link
                to="/instances/$instance"
                params={{ instance: row.instance_id }}
                className="link"
                title={row.name}
              >
                {row.name}
              </Link>
            </Table.Td>
            <Table.Td w={112} ta="right" className="faint numbers">
              {row.status === "running" ? (
                <Took from={row.started_at} to={row.ended_at} />
              ) : (
                <Ago at={row.ended_at ?? row.created_at} />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
