import { Badge, Button, Group, Switch, Table } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowUpCircle, OctagonX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Nothing, Rows } from "../Page";
import { More } from "../More";
import { ProblemPanel } from "../ProblemPanel";
import { StopDialog } from "./StopDialog";
import type { Target, Use } from "./target";
import { USES_KEY, readUses } from "./target";
import { UpdateDialog } from "./UpdateDialog";
import classes from "./uses.module.css";

interface Props {
  /** The project that is looked at; uses of all others are shown when that is asked for. */
  readonly project: string;
  readonly target: Target;
  /** Versions that uses can be brought to, the latest first. */
  readonly versions: readonly string[];
}

/** Who uses something, and what can be done about all of them at once. */
export function Uses({ project, target, versions }: Props) {
  const { t } = useTranslation(["uses", "shared"]);
  const [isWhole, setWhole] = useState(true);
  const [dialog, setDialog] = useState<"update" | "stop" | null>(null);
  const within = isWhole ? null : project;
  const list = useInfiniteQuery({
    queryKey: [USES_KEY, target, within],
    queryFn: ({ signal, pageParam }) =>
      readUses(target, { project: within, cursor: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const uses = list.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <Group gap="xs" mb="xs">
        <Switch
          size="xs"
          label={t("whole")}
          checked={isWhole}
          onChange={(event) => setWhole(event.currentTarget.checked)}
        />
        <span style={{ flex: 1 }} />
        {uses !== undefined && uses.length > 0 && (
          <>
            {versions.length > 0 && (
              <Button
                variant="default"
                leftSection={<ArrowUpCircle size={14} aria-hidden />}
                onClick={() => setDialog("update")}
              >
                {t("update.open")}
              </Button>
            )}
            <Button
              variant="default"
              color="red"
              leftSection={<OctagonX size={14} aria-hidden />}
              onClick={() => setDialog("stop")}
            >
              {t("stop.open")}
            </Button>
          </>
        )}
      </Group>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {uses === undefined && list.error === null && <Rows count={3} />}
      {uses !== undefined && <UseTable project={project} uses={uses} />}
      <More list={list} mt="xs" />
      {dialog === "update" && (
        <UpdateDialog
          target={target}
          project={within}
          versions={versions}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "stop" && (
        <StopDialog target={target} project={within} onClose={() => setDialog(null)} />
      )}
    </>
  );
}

function UseTable({ project, uses }: { readonly project: string; readonly uses: readonly Use[] }) {
  const { t } = useTranslation(["uses", "shared"]);
  if (uses.length === 0) {
    return (
      <div className="card">
        <Nothing title={t("none.title")}>{t("none.text")}</Nothing>
      </div>
    );
  }
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table verticalSpacing={5} horizontalSpacing="sm" aria-label={t("table")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.template")}</Table.Th>
            <Table.Th>{t("column.where")}</Table.Th>
            <Table.Th>{t("column.node")}</Table.Th>
            <Table.Th>{t("column.pinned")}</Table.Th>
            <Table.Th ta="right">{t("column.open")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {uses.map((use) => (
            <UseLine
              key={`${use.template_id} ${use.version ?? 0} ${use.node_id} ${use.pinned ?? ""}`}
              project={project}
              use={use}
            />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function UseLine({ project, use }: { readonly project: string; readonly use: Use }) {
  const { t } = useTranslation(["uses", "shared"]);
  return (
    <Table.Tr>
      <Table.Td>
        <Link
          to="/projects/$project/templates/$template"
          params={{ project: use.project, template: use.template }}
          className="link"
        >
          {use.title === "" ? use.template : use.title}
        </Link>
        {use.project !== project && <span className="faint"> {use.project}</span>}
      </Table.Td>
      <Table.Td>
        {t(`where.${use.where}`)}
        {use.version !== null && (
          <span className="faint numbers"> {t("shared:version", { number: use.version })}</span>
        )}
      </Table.Td>
      <Table.Td className="code">{use.node_id}</Table.Td>
      <Table.Td className="numbers">
        <Group gap={6} wrap="nowrap">
          {use.pinned ?? <span className="faint">{t("latest")}</span>}
          {use.outdated === true && (
            <Badge size="xs" variant="outline" className={classes["outdated"] ?? ""}>
              {t("outdated")}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        {use.open_instances}
      </Table.Td>
    </Table.Tr>
  );
}
