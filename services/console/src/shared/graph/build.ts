import { MarkerType, Position as Side } from "@xyflow/react";
import type { Edge, Node, NodeHandle } from "@xyflow/react";
import type { Direction } from "@/canvas/layout";
import type { Line } from "@/canvas/lines";
import type { FlowEdge, FlowNode, NodeKind, Position, Positions } from "@/canvas/flow";
import { END, START } from "@/canvas/flow";
import type { Size } from "@/canvas/size";
import { sizeOf } from "@/canvas/size";
import type { EdgeLook, NodeLook } from "./types";

/** What a node on the canvas is drawn from. */
export interface NodeData extends Record<string, unknown> {
  readonly kind: NodeKind;
  readonly title: string;
  readonly subtitle: string;
  readonly look: NodeLook;
  readonly isDown: boolean;
  readonly isOpen: boolean;
  readonly isEditable: boolean;
}

export interface EdgeData extends Record<string, unknown> {
  readonly edge: FlowEdge;
  readonly look: EdgeLook;
  /** From end to end; it holds as long as the ends are where it begins and ends. */
  readonly line: Line | undefined;
  /** Middle of what stands on the line. */
  readonly labelAt: Position | undefined;
  readonly sourceTitle: string;
  readonly targetTitle: string;
  readonly onInsert: ((edge: string) => void) | undefined;
}

export type CanvasNode = Node<NodeData, "flow">;
export type CanvasEdge = Edge<EdgeData, "flow">;

/** Texts of the canvas, as react-i18next gives them. */
export interface Words {
  readonly start: string;
  readonly end: string;
  readonly node: (node: NodeData) => string;
  readonly edge: (source: string, target: string, label: string | undefined) => string;
}

export interface Drawn {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly positions: Positions;
  readonly direction: Direction;
  readonly lines: Readonly<Record<string, Line>>;
  readonly labels: Positions;
  readonly looks: Readonly<Record<string, NodeLook>>;
  readonly edgeLooks: Readonly<Record<string, EdgeLook>>;
  readonly selected: ReadonlySet<string>;
  readonly sizes: Readonly<Record<string, Size>>;
  readonly isEditable: boolean;
  readonly onInsert: ((edge: string) => void) | undefined;
}

/** Their names say already what they are, in the reader's language. */
const NO_DESCRIPTION = { "aria-roledescription": undefined };

const NO_LOOK: NodeLook = {};
const NO_EDGE_LOOK: EdgeLook = {};

/**
 * Makes what the canvas draws. What has not changed is the same object as before, so that of five
 * hundred nodes only those are drawn again which look different.
 */
export class Builder {
  #nodes = new Map<string, { from: readonly unknown[]; node: CanvasNode }>();
  #edges = new Map<string, { from: readonly unknown[]; edge: CanvasEdge }>();

  nodes(drawn: Drawn, words: Words): CanvasNode[] {
    const before = this.#nodes;
    this.#nodes = new Map();
    return withEnds(drawn.nodes, words).flatMap((node) => {
      const at = drawn.positions[node.id];
      if (at === undefined) return [];
      const look = drawn.looks[node.id] ?? NO_LOOK;
      const size = drawn.sizes[node.id];
      const isSelected = drawn.selected.has(node.id);
      const isDown = drawn.direction === "down";
      const { id, kind, title, subtitle } = node;
      const { isEditable } = drawn;
      const from = [
        kind,
        title,
        subtitle,
        ...at,
        look,
        size,
        isSelected,
        isDown,
        isEditable,
        words,
      ];
      const known = before.get(id);
      const data = { kind, title, subtitle, look, isDown, isOpen: size !== undefined, isEditable };
      const made =
        known !== undefined && isSame(known.from, from)
          ? known.node
          : nodeAt(id, at, size ?? sizeOf(kind), isSelected, data, words);
      this.#nodes.set(id, { from, node: made });
      return [made];
    });
  }

  edges(drawn: Drawn, words: Words): CanvasEdge[] {
    const before = this.#edges;
    this.#edges = new Map();
    const titles = new Map(withEnds(drawn.nodes, words).map((node) => [node.id, node.title]));
    return drawn.edges.map((edge) => {
      const look = drawn.edgeLooks[edge.id] ?? NO_EDGE_LOOK;
      const isSelected = drawn.selected.has(edge.id);
      const sourceTitle = titles.get(edge.source) ?? edge.source;
      const targetTitle = titles.get(edge.target) ?? edge.target;
      const { id, source, target, label, isDefault, isBack, lacksCondition } = edge;
      const { onInsert, isEditable } = drawn;
      const known = before.get(id);
      const line = kept(known?.edge.data?.line, drawn.lines[id]);
      const labelAt = kept(known?.edge.data?.labelAt, drawn.labels[id]);
      const from = [
        ...[source, target, label, isDefault, isBack, lacksCondition, look, isSelected],
        ...[sourceTitle, targetTitle, onInsert, isEditable, words, line, labelAt],
      ];
      const data = { edge, look, line, labelAt, sourceTitle, targetTitle, onInsert };
      const made =
        known !== undefined && isSame(known.from, from)
          ? known.edge
          : edgeOf(edge, isSelected, isEditable, data, words);
      this.#edges.set(id, { from, edge: made });
      return made;
    });
  }
}

/** Return what was there before where it says the same. */
function kept<T>(before: T | undefined, after: T | undefined): T | undefined {
  if (before === undefined || before === after) return after;
  return String(before) === String(after) ? before : after;
}

function isSame(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((one, index) => one === after[index]);
}

type Shown = Pick<FlowNode, "id" | "kind" | "title" | "subtitle">;

function withEnds(nodes: readonly FlowNode[], words: Words): Shown[] {
  return [
    { id: START, kind: "start", title: words.start, subtitle: "" },
    ...nodes,
    { id: END, kind: "end", title: words.end, subtitle: "" },
  ];
}

function nodeAt(
  id: string,
  [x, y]: readonly [number, number],
  size: Size,
  selected: boolean,
  data: NodeData,
  words: Words,
): CanvasNode {
  return {
    id,
    type: "flow",
    position: { x, y },
    ...size,
    // Known beforehand: nothing has to be measured before it can be drawn.
    measured: size,
    handles: handlesOf(size, data),
    selected,
    data,
    ariaLabel: words.node(data),
    domAttributes: NO_DESCRIPTION,
  };
}

function handlesOf({ width, height }: Size, { kind, isDown }: NodeData): NodeHandle[] {
  const before = isDown ? { x: width / 2, y: 0 } : { x: 0, y: height / 2 };
  const behind = isDown ? { x: width / 2, y: height } : { x: width, y: height / 2 };
  const target: NodeHandle = {
    type: "target",
    position: isDown ? Side.Top : Side.Left,
    ...before,
    width: 0,
    height: 0,
  };
  const source: NodeHandle = {
    type: "source",
    position: isDown ? Side.Bottom : Side.Right,
    ...behind,
    width: 0,
    height: 0,
  };
  if (kind === "start") return [source];
  return kind === "end" ? [target] : [target, source];
}

function edgeOf(
  { id, source, target, label }: FlowEdge,
  selected: boolean,
  isEditable: boolean,
  data: EdgeData,
  words: Words,
): CanvasEdge {
  return {
    id,
    type: "flow",
    source,
    target,
    selected,
    focusable: isEditable,
    reconnectable: isEditable && (source === START ? "target" : true),
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--edge)" },
    data,
    ariaLabel: words.edge(data.sourceTitle, data.targetTitle, label),
    domAttributes: NO_DESCRIPTION,
  };
}
