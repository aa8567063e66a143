import { ActionIcon, Alert, Drawer, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaFailureView } from "@/api/schema";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import { nameOfFound } from "../logic/found";
import type { Found } from "../logic/found";
import { waitOf } from "../logic/waits";
import type { Finding } from "../useFound";
import { useFound } from "../useFound";
import { AttemptsPart } from "./AttemptsPart";
import { useRunState } from "./context";
import { ItemsPart } from "./ItemsPart";
import { LogPart } from "./LogPart";
import { NodeActions } from "./NodeActions";
import { OptionsPart } from "./OptionsPart";
import { OverviewPart } from "./OverviewPart";
import { PreviewPart } from "./PreviewPart";
import { WaitText } from "./WaitText";
import classes from "./run.module.css";

/** Windows that are narrower have no room beside the graph, as in Mantine's "md". */
const NARROW = "(max-width: 61.99em)";

/** All that is known of one node, and all that can be done to it. */
export function NodePanel({ place }: { readonly place: string }) {
  const { t } = useTranslation("run");
  const { go } = useRunState();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const finding = useFound(place);
  const name = finding.found === null ? place : nameOfFound(finding.found);
  const close = () => go({ node: null, attempt: null });
  const content = <Known {...finding} />;
  const head = (
    <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
      <div>
        <Title order={2} className={classes["panelTitle"] ?? ""}>
          {name}
        </Title>
        <Text size="xs" className="faint code">
          {place}
        </Text>
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t("panel.close")} onClick={close}>
        <X size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
  if (isNarrow) {
    return (
      <Drawer
        opened
        position="bottom"
        size="88%"
        onClose={close}
        withCloseButton={false}
        aria-label={t("panel.label", { name })}
      >
        {head}
        {content}
      </Drawer>
    );
  }
  return (
    <aside className={`card ${classes["panel"] ?? ""}`} aria-label={t("panel.label", { name })}>
      {head}
      {content}
    </aside>
  );
}

/** What is known of a node, or why nothing is. */
function Known({ found, isLoading, error, onRetry }: Finding) {
  const { t } = useTranslation("run");
  return (
    <>
      {error !== null && <ProblemPanel error={error} onRetry={onRetry} />}
      {isLoading && <Rows />}
      {found === null && !isLoading && error === null && (
        <Text size="sm" p="md">
          {t("noNode")}
        </Text>
      )}
      {found !== null && <Content found={found} />}
    </>
  );
}

type Part = "overview" | "attempts" | "items" | "log" | "options" | "preview";

/** Return which parts have something to show, the one to begin with first. */
function partsOf({ node, vertex, layer }: Found): readonly Part[] {
  const isWork = ["activity", "subflow", "map"].includes(node?.kind ?? vertex?.kind ?? "");
  // What it would be given if it were reached is asked of the database alone.
  const isHere = layer.run?.instance.archived_at === null;
  const hasLog = node?.plugin !== null && node?.kind !== "map";
  return [
    "overview",
    ...(node?.kind === "map" && node.reached_at !== null ? (["items"] as const) : []),
    ...((node?.attempts.length ?? 0) > 0 ? (["attempts"] as const) : []),
    ...((node?.attempts.length ?? 0) > 0 && hasLog ? (["log"] as const) : []),
    ...(isWork && isHere && node?.attempts.length === 0 ? (["preview"] as const) : []),
    ...(vertex !== null && isWork ? (["options"] as const) : []),
  ];
}

function Content({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { search } = useRunState();
  const [chosen, choose] = useState<Part>(search.attempt === undefined ? "overview" : "attempts");
  const parts = partsOf(found);
  const part = parts.includes(chosen) ? chosen : "overview";
  const { node, layer, vertex } = found;
  const wait =
    layer.run === null
      ? null
      : waitOf(layer.run.instance, layer.graph, node?.node_id ?? found.id, node);
  return (
    <Stack gap="sm" mt="xs">
      <Group gap="xs">
        {node !== null && <StatusBadge status={node.status} />}
        {node === null && layer.run !== null && (
          <span className={classes["leftOut"]}>{t("leftOut")}</span>
        )}
        {typeof node?.mark === "string" && <MarkWord mark={node.mark} />}
      </Group>
      {wait !== null && <WaitText wait={wait} />}
      <FailurePanel failure={node?.failure ?? null} />
      {node !== null && <NodeActions found={found} />}
      <Tabs
        value={part}
        onChange={(value) => choose(parts.find((one) => one === value) ?? "overview")}
        keepMounted={false}
      >
        <Tabs.List aria-label={t("panel.part")}>
          {parts.map((one) => (
            <Tabs.Tab key={one} value={one} px="xs">
              {t(`panel.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={part} pt="sm">
          {part === "overview" && <OverviewPart found={found} />}
          {part === "attempts" && <AttemptsPart found={found} />}
          {part === "items" && <ItemsPart found={found} />}
          {part === "log" && <LogPart found={found} />}
          {part === "preview" && <PreviewPart found={found} />}
          {part === "options" && vertex !== null && <OptionsPart options={vertex.options} />}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function MarkWord({ mark }: { readonly mark: string }) {
  const { t, i18n } = useTranslation("run");
  const key = `mark.${mark}`;
  const words = i18n.exists(key, { ns: "run" }) ? t(`mark.${mark as "forced"}`) : mark;
  return <span className={classes["leftOut"]}>{words}</span>;
}

function FailurePanel({ failure }: { readonly failure: SchemaFailureView | null }) {
  if (failure === null) return null;
  return (
    <Alert
      className="alarm"
      color="red"
      py="xs"
      icon={<TriangleAlert size={16} aria-hidden />}
      title={failure.code}
    >
      <Text size="sm" className={classes["failure"] ?? ""}>
        {failure.message}
      </Text>
    </Alert>
  );
}
