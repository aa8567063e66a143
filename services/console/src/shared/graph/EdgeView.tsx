import { BaseEdge, EdgeLabelRenderer, Position as Side, getSmoothStepPath } from "@xyflow/react";
import type { EdgeProps } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Position } from "@/canvas/flow";
import { middleOf } from "@/canvas/labels";
import type { Line } from "@/canvas/lines";
import { isAtEnds } from "@/canvas/lines";
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
  const { line, labelAt } = props.data ?? {};
  const ends = [
    [sourceX, sourceY],
    [targetX, targetY],
  ] as const;
  if (line !== undefined && isAtEnds(line, ends)) {
    return [pathThrough(line), ...(labelAt ?? middleOf(line))];
  }
  // While one of its nodes is moved.
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

const RADIUS = 12;

/** Return the path through some points, its corners rounded. */
function pathThrough(line: Line): string {
  return line.reduce((path, [x, y], index) => {
    const [before, after] = [line[index - 1], line[index + 1]];
    if (before === undefined) return `M${x},${y}`;
    if (after === undefined) return `${path} L${x},${y}`;
    const [ax, ay] = towards([x, y], before, RADIUS);
    const [bx, by] = towards([x, y], after, RADIUS);
    return `${path} L${ax},${ay} Q${x},${y} ${bx},${by}`;
  }, "");
}

/** Return the point so far from one towards another, but no farther than half the way. */
function towards([x, y]: Position, to: Position, by: number): Position {
  const length = Math.hypot(to[0] - x, to[1] - y);
  if (length === 0) return [x, y];
  const part = Math.min(by / length, 0.5);
  return [x + (to[0] - x) * part, y + (to[1] - y) * part];
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
