import { Table, Text, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { memo, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaNodeView } from "@/api/schema";
import { Nothing } from "@/shared/Page";
import { StatusBadge } from "@/shared/StatusBadge";
import { Took } from "@/shared/Time";
import { shownStatus } from "../logic/items";
import { useRunState } from "./context";
import { FurtherItems } from "./FurtherItems";
import { useLookWords, useNameOf } from "./words";
import classes from "./run.module.css";

/** All nodes as a list: for small screens, for many nodes, and for those who do not see a drawing. */
export function NodesTab() {
  const { t } = useTranslation("run");
  const { view, go, search } = useRunState();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const nodes = view.nodes.filter((node) => isWanted(node, wanted));
  return (
    <>
      <TextInput
        type="search"
        aria-label={t("find")}
        placeholder={t("find")}
        leftSection={<Search size={14} aria-hidden />}
        mb="sm"
        maw={280}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={`card ${classes["frame"] ?? ""}`}>
        {nodes.length === 0 ? (
          <Nothing title={t("noNode")} />
        ) : (
          <Table verticalSpacing={5} horizontalSpacing="sm" aria-label={t("tabs.nodes")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={118}>{t("column.status")}</Table.Th>
                <Table.Th>{t("column.node")}</Table.Th>
                <Table.Th className={classes["wide"] ?? ""}>{t("column.reason")}</Table.Th>
                <Table.Th w={90} className={classes["wide"] ?? ""}>
                  {t("column.attempts")}
                </Table.Th>
                <Table.Th w={90}>{t("column.took")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {nodes.map((node) => (
                <Line
                  key={node.node_id}
                  node={node}
                  isChosen={search.node === node.node_id}
                  onOpen={go}
                />
              ))}
            </Table.Tbody>
          </Table>
        )}
        <FurtherItems />
      </div>
    </>
  );
}

function isWanted(node: SchemaNodeView, text: string): boolean {
  return `${node.node_id} ${node.name} ${node.plugin ?? ""} ${node.status}`
    .toLowerCase()
    .includes(text);
}

interface LineProps {
  readonly node: SchemaNodeView;
  readonly isChosen: boolean;
  readonly onOpen: (change: { readonly node: string; readonly attempt: null }) => void;
}

const Line = memo(function Line({ node, isChosen, onOpen }: LineProps) {
  const { t } = useTranslation("run");
  const words = useLookWords();
  const name = useNameOf()(node);
  const reason =
    node.reason !== null
      ? words.reason(node.reason)
      : node.mark === null
        ? null
        : words.mark(node.mark);
  return (
    <Table.Tr aria-current={isChosen} className={classes["line"] ?? ""}>
      <Table.Td>
        <StatusBadge status={shownStatus(node)} />
      </Table.Td>
      <Table.Td>
        <button
          type="button"
          className={classes["nodeButton"]}
          aria-label={t("openNode", { name })}
          onClick={() => onOpen({ node: node.node_id, attempt: null })}
        >
          {name}
        </button>
        {name !== node.node_id && (
          <Text size="xs" className="faint code" component="div">
            {node.node_id}
          </Text>
        )}
        {node.failure !== null && (
          <Text size="xs" c="var(--bad-text)">
            {node.failure.message}
          </Text>
        )}
        {reason !== null && <div className={classes["narrow"]}>{reason}</div>}
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>{reason}</Table.Td>
      <Table.Td className={`numbers ${classes["wide"] ?? ""}`}>
        {node.attempts.length === 0 ? "–" : node.attempts.length}
      </Table.Td>
      <Table.Td>
        <Took from={node.reached_at} to={node.ended_at} />
      </Table.Td>
    </Table.Tr>
  );
});
