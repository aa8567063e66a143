import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import { useNodeName } from "@/shared/nodeNames";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import { firstWaitingQuery } from "@/shared/waiting";
import { Panel } from "./HomePage";

const SHOWN = 6;

/** What does not go on without a person. */
export function Waiting({ project }: { readonly project: string }) {
  const { t } = useTranslation("home");
  const nodeName = useNodeName();
  const list = useQuery(firstWaitingQuery(project, SHOWN));
  const all = (
    <LinkText
      to="/projects/$project/waiting"
      params={{ project }}
      aria-label={t("allOf", { name: t("panel.waiting") })}
    >
      {t("all")}
    </LinkText>
  );
  return (
    <Panel title={t("panel.waiting")} more={all}>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data === undefined && list.error === null && <Rows count={3} />}
      {list.data?.items.length === 0 && (
        <Text size="sm" className="faint" p="sm">
          {t("none.waiting")}
        </Text>
      )}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table verticalSpacing={4} horizontalSpacing="sm" layout="fixed">
          <Table.Tbody>
            {list.data.items.map((one) => (
              <Table.Tr key={`${one.instance_id} ${one.node_id ?? ""}`}>
                <Table.Td w={122}>
                  <StatusBadge status={one.kind === "approval" ? "waiting" : "failed"} />
                </Table.Td>
                <Table.Td className="cut lines">
                  {one.node_id !== null && <span>{nodeName(one.node_id, one.node_name)} · </span>}
                  <Link
                    to="/instances/$instance"
                    params={{ instance: one.instance_id }}
                    {...(one.node_id !== null && { search: { node: one.node_id } })}
                    className="link"
                    title={one.instance_name}
                  >
                    {one.instance_name}
                  </Link>
                </Table.Td>
                <Table.Td w={112} ta="right" className="faint numbers">
                  <Ago at={one.since_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
