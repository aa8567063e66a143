import {
  Background,
  BackgroundVariant,
  Controls,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
} from "@xyflow/react";
import type { EdgeTypes, FinalConnectionState, NodeTypes } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { DragEvent, FocusEvent, KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Positions } from "@/canvas/flow";
import { labelsOf } from "@/canvas/labels";
import { linesOf } from "@/canvas/lines";
import { sizeOf } from "@/canvas/size";
import { HEADINGS, neighbour } from "@/canvas/walk";
import { isStatus, lookOf } from "@/shared/status";
import type { CanvasEdge, CanvasNode, Drawn, NodeData, Words } from "./build";
import { Builder } from "./build";
import { EdgeView } from "./EdgeView";
import classes from "./graph.module.css";
import { Inside, NodeView } from "./NodeView";
import { useApi } from "./useApi";
import { useSelecting } from "./useSelecting";
import { useStored } from "./useStored";
import { DROPPED } from "./types";
import type { FlowGraphProps, GraphApi, GraphEdit } from "./types";

const NODE_TYPES: NodeTypes = { flow: NodeView };
const EDGE_TYPES: EdgeTypes = { flow: EdgeView };
const NONE = {};
const ADDING_KEYS = ["Shift", "Control", "Meta"];

/** A flow as a drawing: looked at, or changed where `edit` says how. */
export function FlowGraph(props: FlowGraphProps) {
  return (
    <ReactFlowProvider>
      <Inside value={props.renderInside}>
        <Canvas {...props} />
      </Inside>
    </ReactFlowProvider>
  );
}

function Canvas(props: FlowGraphProps) {
  const { flow, positions, selected, onSelect, edit, label, minimap = false, apiRef } = props;
  const { isOverview = false, startAt } = props;
  const { t } = useTranslation("graph");
  const words = useWords();
  const api = useApi();
  const [builder] = useState(() => new Builder());
  const drawn = useDrawn(props);
  const nodes = useMemo(() => builder.nodes(drawn, words), [builder, drawn, words]);
  const edges = useMemo(() => builder.edges(drawn, words), [builder, drawn, words]);
  const [first] = useState(nodes);
  const [isDragging, setDragging] = useState(false);
  const stroke = useMemo(() => strokeOf(positions), [positions]);
  const hasMinimap = minimap && !(isDragging && flow.nodes.length > MANY);
  const select = useSelecting(selected, onSelect);
  useStored(nodes);
  useImperativeHandle(apiRef, () => api, [api]);
  const go = (event: KeyboardEvent) => {
    const heading = HEADINGS[event.key];
    const from = nodeOf(event.target);
    if (heading === undefined || from === null || event.shiftKey || event.ctrlKey) return;
    event.preventDefault();
    const next = neighbour(flow, positions, from, heading);
    if (next === null) return;
    onSelect(new Set([next]));
    api.focus(next);
  };
  const look = (event: FocusEvent) => {
    const id = focused(event.target);
    if (id === null || selected.has(id) || !event.target.matches(":focus-visible")) return;
    onSelect(new Set([id]));
  };
  return (
    <div
      className={classes["canvas"]}
      onKeyDown={go}
      onFocus={look}
      {...(edit !== undefined && dropping(edit, api.placeAt))}
    >
      <ReactFlow<CanvasNode, CanvasEdge>
        defaultNodes={first}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        aria-label={label}
        role="region"
        ariaLabelConfig={useLabels()}
        onNodesChange={select}
        onEdgesChange={select}
        nodesDraggable={edit !== undefined}
        nodesConnectable={edit !== undefined}
        nodesFocusable
        edgesFocusable={edit !== undefined}
        edgesReconnectable={edit !== undefined}
        {...(edit !== undefined && changing(edit, api.placeAt, setDragging))}
        {...(edit?.onOpen !== undefined && {
          onNodeDoubleClick: (_: unknown, { id }: CanvasNode) => edit.onOpen?.(id),
        })}
        deleteKeyCode={null}
        multiSelectionKeyCode={ADDING_KEYS}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements
        connectionRadius={40}
        minZoom={0.01}
        maxZoom={1.75}
        onInit={() => api.begin({ isOverview, startAt })}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
        {hasMinimap && (
          <MiniMap<CanvasNode>
            pannable
            zoomable
            ariaLabel={t("minimap")}
            nodeColor={colorOf}
            nodeStrokeColor={colorOf}
            nodeStrokeWidth={stroke}
            nodeBorderRadius={6}
            className={classes["minimap"] ?? ""}
          />
        )}
      </ReactFlow>
    </div>
  );
}

/** The overview looks at every node in every frame: with more than this it waits for the drop. */
const MANY = 150;

/** Size of the overview, and the least that a node measures in it, in pixels. */
const MAP_WIDTH = 200;
const MAP_HEIGHT = 150;
const LEAST_SEEN = 2.5;

/** Return how wide a line goes round nodes in the overview: of a large flow, nothing else is seen. */
function strokeOf(positions: Positions): number {
  const places = Object.values(positions);
  const extent = (axis: 0 | 1) => {
    const along = places.map((at) => at[axis]);
    return along.length === 0 ? 0 : Math.max(...along) - Math.min(...along);
  };
  const scale = Math.max(extent(0) / MAP_WIDTH, extent(1) / MAP_HEIGHT);
  return Math.max(0, LEAST_SEEN * scale - sizeOf("activity").height);
}

const FIT = { padding: 0.12, maxZoom: 1 } as const;

function useDrawn(props: FlowGraphProps): Drawn {
  const { flow, positions, direction = "right", selected, edit } = props;
  const { looks = NONE, edgeLooks = NONE, sizes = NONE, routes = NONE } = props;
  const lines = useMemo(
    () => linesOf({ flow, positions, direction, sizes }, routes),
    [flow, positions, direction, sizes, routes],
  );
  const isEditable = edit !== undefined;
  const labels = useMemo(
    () => labelsOf({ flow, positions, direction, sizes }, lines, isEditable),
    [flow, positions, direction, sizes, lines, isEditable],
  );
  const insert = useRef(edit?.onInsert);
  useEffect(() => {
    insert.current = edit?.onInsert;
  }, [edit]);
  const onInsert = useMemo(
    () => (isEditable ? (edge: string) => insert.current?.(edge) : undefined),
    [isEditable],
  );
  return useMemo(
    () => ({
      ...{ nodes: flow.nodes, edges: flow.edges, positions, direction, looks, edgeLooks },
      ...{ selected, sizes, lines, labels, isEditable, onInsert },
    }),
    [
      lines,
      labels,
      flow,
      positions,
      direction,
      looks,
      edgeLooks,
      selected,
      sizes,
      isEditable,
      onInsert,
    ],
  );
}

function useWords(): Words {
  const { t, i18n } = useTranslation(["graph", "shared"]);
  const language = i18n.resolvedLanguage;
  return useMemo(
    () => ({
      language,
      start: t("start"),
      end: t("end"),
      node: (node) => nodeWords(t, node),
      edge: (source, target, label) =>
        label === undefined
          ? t("edge", { source, target })
          : t("edgeWith", { source, target, label }),
    }),
    [t, language],
  );
}

type Translate = ReturnType<typeof useTranslation<["graph", "shared"]>>["t"];

function nodeWords(t: Translate, { kind, title, look }: NodeData): string {
  const { status, change, problem, badge } = look;
  const named = { kind: t(`kind.${kind}`), title: look.label ?? title };
  const said = [
    status !== undefined && (isStatus(status) ? t(`shared:status.${status}`) : status),
    change !== undefined && t(`change.${change}`),
    badge,
    problem !== undefined && t("problem", { problem }),
  ].filter((one) => typeof one === "string");
  if (kind === "start" || kind === "end") named.kind = "";
  return said.length === 0
    ? t("node", named).trim()
    : t("nodeWith", { ...named, said: said.join(", ") }).trim();
}

function useLabels() {
  const { t } = useTranslation("graph");
  return useMemo(
    () => ({
      "controls.ariaLabel": t("controls"),
      "controls.zoomIn.ariaLabel": t("zoomIn"),
      "controls.zoomOut.ariaLabel": t("zoomOut"),
      "controls.fitView.ariaLabel": t("fit"),
      "minimap.ariaLabel": t("minimap"),
    }),
    [t],
  );
}

function changing(
  edit: GraphEdit,
  placeAt: GraphApi["placeAt"],
  onDragging: (isDragging: boolean) => void,
) {
  const drop = (moved: CanvasNode[]) => {
    onDragging(false);
    edit.onMove(placesOf(moved));
  };
  return {
    onConnect: ({ source, target }: { source: string; target: string }) =>
      edit.onConnect(source, target),
    onReconnect: (edge: CanvasEdge, { source, target }: { source: string; target: string }) =>
      edit.onReconnect(edge.id, source, target),
    onConnectEnd: (event: MouseEvent | TouchEvent, { toNode, fromNode }: FinalConnectionState) => {
      if (toNode !== null || fromNode === null || !("clientX" in event)) return;
      edit.onConnectToNothing(fromNode.id, placeAt(event.clientX, event.clientY));
    },
    onNodeDragStart: () => onDragging(true),
    onSelectionDragStart: () => onDragging(true),
    onNodeDragStop: (_: unknown, __: unknown, moved: CanvasNode[]) => drop(moved),
    onSelectionDragStop: (_: unknown, moved: CanvasNode[]) => drop(moved),
  };
}

function placesOf(moved: readonly CanvasNode[]) {
  return Object.fromEntries(
    moved.map(({ id, position }) => [
      id,
      [Math.round(position.x), Math.round(position.y)] as const,
    ]),
  );
}

function dropping(edit: GraphEdit, placeAt: GraphApi["placeAt"]) {
  return {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DROPPED)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    },
    onDrop: (event: DragEvent) => {
      const what = event.dataTransfer.getData(DROPPED);
      if (what === "") return;
      event.preventDefault();
      edit.onDrop(what, placeAt(event.clientX, event.clientY), edgeAt(event));
    },
  };
}

/** Return the edge that lies under the pointer: its line, or what stands on it. */
function edgeAt({ clientX, clientY }: DragEvent): string | null {
  for (const element of document.elementsFromPoint(clientX, clientY)) {
    const edge = element.closest(".react-flow__edge")?.getAttribute("data-id");
    if (edge !== null && edge !== undefined) return edge;
  }
  return null;
}

function nodeOf(target: EventTarget): string | null {
  if (!(target instanceof Element) || !target.matches(".react-flow__node")) return null;
  return target.getAttribute("data-id");
}

/** Return which node or edge has the keyboard. */
function focused(target: Element): string | null {
  const isOne = target.matches(".react-flow__node, .react-flow__edge");
  return isOne ? target.getAttribute("data-id") : null;
}

function colorOf({ data: { look } }: CanvasNode): string {
  const { status, problem, change } = look;
  if (problem !== undefined || change === "removed") return "var(--bad-text)";
  if (change === "added") return "var(--good-text)";
  if (change === "changed") return "var(--held-text)";
  if (status === undefined || !isStatus(status)) return "var(--map-node)";
  const { tone } = lookOf(status);
  return tone === "idle" ? "var(--map-node)" : `var(--${tone}-text)`;
}
