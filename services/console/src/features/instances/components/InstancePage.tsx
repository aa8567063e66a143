import { Alert, Anchor, Badge, Group, Stack, Table, Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { enterProject } from "@/shared/project";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago, Took } from "@/shared/Time";
import { useInstance } from "../live";
import { NodeReason } from "./NodeReason";
import classes from "./instances.module.css";

/** One instance: what it is, and its nodes. */
export function InstancePage() {
  const { instance } = useParams({ from: "/inside/instances/$instance" });
  const { data, error, refetch } = useInstance(instance);
  const project = data?.project;
  useEffect(() => {
    if (project !== undefined) enterProject(project);
  }, [project]);
  if (data !== undefined) return <Summary view={data} />;
  if (error !== null) return <ProblemPanel error={error} onRetry={() => void refetch()} />;
  return <Rows />;
}

function Summary({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation("instances");
  return (
    <>
      <PageHead title={view.name} below={<Facts view={view} />}>
        <StatusBadge status={view.status} />
      </PageHead>
      {view.failure !== null && (
        <Alert
          className="alarm"
          mb="sm"
          icon={<TriangleAlert size={18} aria-hidden />}
          title={view.failure.code}
        >
          {view.failure.message}
        </Alert>
      )}
      <div className={`card ${classes["frame"] ?? ""}`}>
        <Table verticalSpacing={5} horizontalSpacing="sm" aria-label={t("nodes")}>
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
            {view.nodes.map((node) => (
              <NodeLine key={node.node_id} node={node} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function NodeLine({ node }: { readonly node: SchemaNodeView }) {
  return (
    <Table.Tr>
      <Table.Td>
        <StatusBadge status={node.status} />
      </Table.Td>
      <Table.Td>
        {node.name === "" ? node.node_id : node.name}
        {node.name !== "" && node.name !== node.node_id && (
          <Text size="xs" className="faint code" component="div">
            {node.node_id}
          </Text>
        )}
        {node.failure !== null && (
          <Text size="xs" c="var(--bad-text)">
            {node.failure.message}
          </Text>
        )}
        <div className={classes["narrow"]}>
          <NodeReason node={node} />
        </div>
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>
        <NodeReason node={node} />
      </Table.Td>
      <Table.Td className={`numbers ${classes["wide"] ?? ""}`}>
        {node.attempts.length === 0 ? "–" : node.attempts.length}
      </Table.Td>
      <Table.Td>
        <Took from={node.reached_at} to={node.ended_at} />
      </Table.Td>
    </Table.Tr>
  );
}

function Facts({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation(["instances", "shared"]);
  const template = view.template.includes("/") ? view.template_id : view.template;
  return (
    <Group gap="lg" wrap="wrap" component="dl" m={0}>
      <Fact name={t("column.template")}>
        <LinkText
          to="/projects/$project/templates/$template"
          params={{ project: view.project, template }}
        >
          {view.template}
        </LinkText>{" "}
        <span className="numbers">{t("shared:version", { number: view.version })}</span>
      </Fact>
      <Fact name={t("column.actor")}>{view.actor}</Fact>
      <Fact name={t("column.created")}>
        <Ago at={view.created_at} />
      </Fact>
      <Fact name={t("column.took")}>
        <Took from={view.started_at} to={view.ended_at} />
      </Fact>
      {Object.entries(view.labels).length > 0 && (
        <Fact name={t("labels")}>
          <Group gap={4}>
            {Object.entries(view.labels).map(([name, value]) => (
              <Badge key={name} variant="default" size="sm" tt="none">
                {name}:{value}
              </Badge>
            ))}
          </Group>
        </Fact>
      )}
      {view.links.length > 0 && (
        <Fact name={t("links")}>
          {view.links.map((link) => (
            <Anchor key={link.url} size="sm" href={link.url} target="_blank" rel="noreferrer">
              {link.title === "" ? link.url : link.title}
            </Anchor>
          ))}
        </Fact>
      )}
    </Group>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Stack gap={0}>
      <Text component="dt" size="xs" className="faint">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0}>
        {children}
      </Text>
    </Stack>
  );
}
