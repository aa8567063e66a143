import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChartGantt, History, ListTree, Variable, Workflow } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef } from "react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaInstanceView } from "@/api/schema";
import { prepareLayout } from "@/canvas/layout";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { enterProject } from "@/shared/project";
import type { Definition } from "../api";
import { definitionQuery } from "../api";
import { useLayers } from "../layers";
import type { Link } from "../live";
import { useRun } from "../live";
import { pictureOf } from "../logic/layers";
import { RequestsContext, useRequests } from "../requests";
import type { Tab } from "../search";
import { TABS } from "../search";
import type { Change, RunState } from "./context";
import { RunContext, useRunState } from "./context";
import { GraphTab } from "./GraphTab";
import { HistoryTab } from "./HistoryTab";
import { NodePanel } from "./NodePanel";
import { NodesTab } from "./NodesTab";
import { RequestStrip } from "./RequestStrip";
import { RunHead } from "./RunHead";
import { TimelineTab } from "./TimelineTab";
import { VariablesTab } from "./VariablesTab";
import classes from "./run.module.css";

const ROUTE = "/inside/instances/$instance";
const NOTHING_OPEN: readonly string[] = [];

/** One run: its whole graph, live, and all that can be seen of it and done to it. */
export function RunPage() {
  const { instance } = useParams({ from: ROUTE });
  const { data, error, refetch, link } = useRun(instance);
  const definition = useQuery(definitionQuery(instance));
  const project = data?.project;
  useEffect(prepareLayout, []);
  useEffect(() => {
    if (project !== undefined) enterProject(project);
  }, [project]);
  if (data !== undefined && definition.data !== undefined) {
    return <Whole key={instance} view={data} definition={definition.data} link={link} />;
  }
  const problem = error ?? definition.error;
  if (problem === null) return <Rows />;
  const again = () => void Promise.all([refetch(), definition.refetch()]);
  return <ProblemPanel error={problem} onRetry={again} />;
}

interface Props {
  readonly view: SchemaInstanceView;
  readonly definition: Definition;
  readonly link: Link;
}

function Whole({ view: latest, definition, link }: Props) {
  // Hundreds of nodes are drawn in pieces, so that no change holds up the mouse or the keyboard.
  const view = useDeferredValue(latest);
  const search = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/instances/$instance" });
  const requests = useRequests();
  const places = (search.open ?? NOTHING_OPEN).join("\n");
  const open = useMemo(() => new Set(places === "" ? [] : places.split("\n")), [places]);
  const { layers, error } = useLayers(view, definition, open);
  const picture = useMemo(() => pictureOf(layers, open), [layers, open]);
  const go = useCallback(
    (change: Change) =>
      void navigate({
        search: (before) => merged(before, change),
        // Who goes back wants the page before, not the node before.
        replace: change.tab === undefined,
        resetScroll: false,
      }),
    [navigate],
  );
  const state = useMemo(
    (): RunState => ({ view, document: definition.document, layers, picture, search, go }),
    [view, definition, layers, picture, search, go],
  );
  return (
    <RequestsContext value={requests}>
      <RunContext value={state}>
        <div className={classes["page"]} data-revision={view.revision} data-link={link}>
          <RunHead link={link} />
          {error !== null && <ProblemPanel error={error} />}
          <Views />
        </div>
        <RequestStrip />
      </RunContext>
    </RequestsContext>
  );
}

function merged<T extends object>(before: T, change: Change): T {
  const after = Object.entries({ ...before, ...change });
  return Object.fromEntries(after.filter(([, value]) => value !== null)) as T;
}

const ICONS: Record<Tab, typeof Workflow> = {
  graph: Workflow,
  nodes: ListTree,
  timeline: ChartGantt,
  variables: Variable,
  history: History,
};

const CONTENTS: Record<Tab, () => ReactNode> = {
  graph: GraphTab,
  nodes: NodesTab,
  timeline: TimelineTab,
  variables: VariablesTab,
  history: HistoryTab,
};

function Views() {
  const { t } = useTranslation("run");
  const state = useRunState();
  const tab = state.search.tab ?? "graph";
  const Content = CONTENTS[tab];
  const list = useRef<HTMLDivElement>(null);
  // On a phone there is no room for all of them.
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [tab]);
  return (
    <Tabs
      value={tab}
      onChange={(value) => state.go({ tab: TABS.find((one) => one === value) ?? "graph" })}
      className={classes["tabs"] ?? ""}
      keepMounted={false}
    >
      <Tabs.List ref={list} aria-label={t("tabs.label")} className={classes["tabList"] ?? ""}>
        {TABS.map((one) => {
          const Icon = ICONS[one];
          return (
            <Tabs.Tab key={one} value={one} leftSection={<Icon size={14} aria-hidden />}>
              {t(`tabs.${one}`)}
            </Tabs.Tab>
          );
        })}
      </Tabs.List>
      <Tabs.Panel value={tab} className={classes["tabPanel"] ?? ""}>
        <div className={classes["stage"]}>
          <Content />
        </div>
        {state.search.node !== undefined && (
          <NodePanel key={state.search.node} place={state.search.node} />
        )}
      </Tabs.Panel>
    </Tabs>
  );
}
