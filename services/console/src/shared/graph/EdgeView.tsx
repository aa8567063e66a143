import { BaseEdge, EdgeLabelRenderer, Position as Side, getSmoothStepPath } from "@xyflow/react";
import type { EdgeProps } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Position } from "@/canvas/flow";
import type { CanvasEdge, EdgeData } from "./build";
import classes from "./graph.module.css";

/** How far beside the nodes a line runs that leads back. */
const BACK_DISTANCE = 64;

/** One connection: a line, what its branch is called, and where something can be put in. */
export const EdgeView = memo(function EdgeView(props: EdgeProps<CanvasEdge>) {
  const { id, data, markerEnd, selected } = props;
  const [path, x, y] = pathOf(props);
  if (data === undefined) return null;
  const { look } = data;
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        className={classes["edge"] ?? ""}
        {...(markerEnd !== undefined && { markerEnd })}
        data-change={look.change}
        data-taken={look.isTaken}
        data-faint={look.isFaint}
        data-selected={selected}
      />
      <Label data={data} x={x} y={y} isSelected={selected ?? false} />
    </>
  );
});

function pathOf(props: EdgeProps<CanvasEdge>): [path: string, x: number, y: number] {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = props;
  const isDown = sourcePosition === Side.Bottom;
  const route = props.data?.route;
  if (route !== undefined && isAtEnds(route, props)) return routed(route);
  const leadsBack = isDown ? targetY <= sourceY : targetX <= sourceX;
  const found = getSmoothStepPath({
    ...{ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition },
    borderRadius: 12,
    offset: 22,
    ...(leadsBack && !isDown && { centerY: Math.max(sourceY, targetY) + BACK_DISTANCE }),
    ...(leadsBack && isDown && { centerX: Math.max(sourceX, targetX) + 2 * BACK_DISTANCE }),
  });
  return [found[0], found[1], found[2]];
}

/** How far a node may stand from where its line ends: half a pixel is rounded, half a name is not. */
const NEAR = 3;

/** Tell whether a line's ends are where its route begins and ends: nothing was moved since. */
function isAtEnds(route: readonly Position[], props: EdgeProps<CanvasEdge>): boolean {
  const [first] = route;
  const last = route.at(-1);
  if (first === undefined || last === undefined) return false;
  return (
    Math.abs(first[0] - props.sourceX) <= NEAR &&
    Math.abs(first[1] - props.sourceY) <= NEAR &&
    Math.abs(last[0] - props.targetX) <= NEAR &&
    Math.abs(last[1] - props.targetY) <= NEAR
  );
}

const RADIUS = 12;

/** Return the line through some points, its corners rounded, and the middle of its longest part. */
function routed(route: readonly Position[]): [path: string, x: number, y: number] {
  let path = "";
  let longest = -1;
  let middle: Position = [0, 0];
  route.forEach(([x, y], index) => {
    const before = route[index - 1];
    const after = route[index + 1];
    if (before === undefined) path = `M${x},${y}`;
    else {
      const length = Math.hypot(x - before[0], y - before[1]);
      if (length > longest) {
        longest = length;
        middle = [(x + before[0]) / 2, (y + before[1]) / 2];
      }
      if (after === undefined) path += ` L${x},${y}`;
      else {
        const next = Math.hypot(after[0] - x, after[1] - y);
        const [ax, ay] = towards([x, y], before, Math.min(RADIUS, length / 2));
        const [bx, by] = towards([x, y], after, Math.min(RADIUS, next / 2));
        path += ` L${ax},${ay} Q${x},${y} ${bx},${by}`;
      }
    }
  });
  return [path, middle[0], middle[1]];
}

function towards([x, y]: Position, to: Position, by: number): Position {
  const length = Math.hypot(to[0] - x, to[1] - y);
  if (length === 0) return [x, y];
  return [x + ((to[0] - x) * by) / length, y + ((to[1] - y) * by) / length];
}

function Label({
  data,
  x,
  y,
  isSelected,
}: {
  readonly data: EdgeData;
  readonly x: number;
  readonly y: number;
  readonly isSelected: boolean;
}) {
  const { t } = useTranslation("graph");
  const { edge, look, onInsert, sourceTitle, targetTitle } = data;
  const text =
    edge.label ??
    (edge.isDefault === true
      ? t("otherwise")
      : edge.lacksCondition === true
        ? t("noCondition")
        : undefined);
  if (text === undefined && onInsert === undefined && look.change === undefined) return null;
  return (
    <EdgeLabelRenderer>
      <div
        className={`nodrag nopan ${classes["label"] ?? ""}`}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        data-selected={isSelected}
        data-faint={look.isFaint}
      >
        {look.change !== undefined && (
          <span className={classes["chip"]} data-change={look.change}>
            {t(`change.${look.change}`)}
          </span>
        )}
        {text !== undefined && (
          <span className={classes["branch"]} title={text} data-default={edge.isDefault}>
            {text}
          </span>
        )}
        {onInsert !== undefined && (
          <button
            type="button"
            className={classes["insert"]}
            tabIndex={-1}
            aria-label={t("insert", { source: sourceTitle, target: targetTitle })}
            title={t("insert", { source: sourceTitle, target: targetTitle })}
            onClick={() => onInsert(edge.id)}
          >
            <Plus size={13} strokeWidth={2.6} aria-hidden />
          </button>
        )}
      </div>
    </EdgeLabelRenderer>
  );
}
