import { Badge, Tabs, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { END, START } from "@/canvas/flow";
import type { Commands } from "../commands";
import type { Mark } from "../marks";
import { NOTHING_DRAWN } from "../marks";
import type { Editor } from "../model";
import { useEditor } from "../model";
import { NodePanel, VariablesPanel, YamlSide } from "../panel";
import type { Place } from "../panel/types";
import classes from "./designer.module.css";
import { Problems } from "./Problems";
import { Versions } from "./Versions";

export type SideTab = "node" | "flow" | "yaml" | "problems" | "versions";

interface Props {
  readonly place: Place;
  readonly editor: Editor;
  readonly commands: Commands;
  readonly marks: readonly Mark[];
  readonly tab: SideTab;
  readonly onTab: (tab: SideTab) => void;
  readonly onGo: (node: string) => void;
}

/** What is beside the canvas: the node's form, the flow's variables, its text, what is wrong. */
export function Side(props: Props) {
  const { marks, tab, onTab } = props;
  const { t } = useTranslation("designer");
  const count = marks.filter(({ code }) => code !== NOTHING_DRAWN).length;
  return (
    <aside className={classes["side"]} aria-label={t("side.label")}>
      <Tabs
        value={tab}
        onChange={(value) => onTab((value ?? "node") as SideTab)}
        keepMounted={false}
        className={classes["tabs"] ?? ""}
      >
        <Tabs.List>
          <Tabs.Tab value="node">{t("side.node")}</Tabs.Tab>
          <Tabs.Tab value="flow">{t("side.flow")}</Tabs.Tab>
          <Tabs.Tab value="yaml">{t("side.yaml")}</Tabs.Tab>
          <Tabs.Tab
            value="problems"
            rightSection={
              count > 0 && (
                <Badge size="xs" color="red" circle={count < 10}>
                  {count}
                </Badge>
              )
            }
          >
            {t("side.problems")}
          </Tabs.Tab>
          <Tabs.Tab value="versions">{t("side.versions")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={tab} className={classes["panel"] ?? ""}>
          <Content {...props} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function Content(props: Props) {
  const { place, editor, marks, tab, onTab, onGo } = props;
  const { definition, faults, textProblems } = useEditor(editor, (state) => state);
  const titles = useTitles(editor);
  switch (tab) {
    case "node":
      return <Selected {...props} />;
    case "flow":
      return (
        <VariablesPanel
          place={place}
          definition={definition}
          faults={faults}
          readOnly={textProblems.length > 0}
          onChange={(changed) => editor.setDefinition(changed, "flow")}
        />
      );
    case "yaml":
      return <Yaml place={place} editor={editor} />;
    case "problems":
      return (
        <div className={classes["padded"]}>
          <Problems
            marks={marks}
            titles={titles}
            textProblems={textProblems}
            onGo={onGo}
            onYaml={() => onTab("yaml")}
          />
        </div>
      );
    case "versions":
      return (
        <div className={classes["padded"]}>
          <Versions place={place} editor={editor} />
        </div>
      );
  }
}

function Yaml({ place, editor }: { readonly place: Place; readonly editor: Editor }) {
  const { faults, selected, flow } = useEditor(editor, (state) => state);
  const [one = null, ...others] = selected;
  const node = others.length === 0 && flow.nodes.some(({ id }) => id === one) ? one : null;
  return (
    <YamlSide
      place={place}
      text={editor.text()}
      faults={faults}
      onText={editor.setText}
      nodeId={node}
      onNode={(id) => {
        if (id !== null) editor.select(new Set([id]));
      }}
    />
  );
}

function Selected({ place, editor, commands }: Props) {
  const { t } = useTranslation("designer");
  const { definition, faults, selected, flow, textProblems } = useEditor(editor, (state) => state);
  const titles = useTitles(editor);
  const [one, ...others] = selected;
  if (one === undefined) return <Said>{t("side.nothing")}</Said>;
  if (others.length > 0) return <Said>{t("side.several", { count: selected.size })}</Said>;
  const edge = flow.edges.find(({ id }) => id === one);
  if (edge !== undefined) {
    const named = {
      source: titles.get(edge.source) ?? edge.source,
      target: titles.get(edge.target) ?? edge.target,
    };
    return <Said>{t("side.edge", named)}</Said>;
  }
  if (one === START || one === END) {
    return (
      <div className={classes["padded"]}>
        <Title order={2}>{titles.get(one)}</Title>
        <Text size="sm">{t("side.ends")}</Text>
      </div>
    );
  }
  return (
    <NodePanel
      key={one}
      place={place}
      definition={definition}
      nodeId={one}
      faults={faults}
      readOnly={textProblems.length > 0}
      onChange={(node) => commands.setNode(one, node)}
      onRename={(id) => commands.rename(one, id)}
      source={editor.text}
    />
  );
}

function Said({ children }: { readonly children: string }) {
  return (
    <Text size="sm" className={classes["padded"] ?? ""}>
      {children}
    </Text>
  );
}

export function useTitles(editor: Editor): ReadonlyMap<string, string> {
  const { t } = useTranslation("graph");
  const flow = useEditor(editor, (state) => state.flow);
  return useMemo(
    () =>
      new Map([
        [START, t("start")],
        ...flow.nodes.map((node) => [node.id, node.title] as const),
        [END, t("end")],
      ]),
    [flow, t],
  );
}
