import { Handle, Position } from "@xyflow/react";
import type { NodeProps } from "@xyflow/react";
import { Minus, Pencil, Plus, TriangleAlert } from "lucide-react";
import { createContext, memo, use } from "react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isLabelledBelow } from "@/canvas/size";
import { isStatus, lookOf } from "@/shared/status";
import type { CanvasNode, NodeData } from "./build";
import classes from "./graph.module.css";
import { ICONS } from "./kinds";
import type { Change } from "./types";

/** What stands within nodes that are drawn larger. */
export const Inside = createContext<((id: string) => ReactNode) | undefined>(undefined);

/** One node: what it is by outline and icon, how it stands by color, shape and word. */
export const NodeView = memo(function NodeView({ id, data }: NodeProps<CanvasNode>) {
  const inside = use(Inside);
  const { kind, look, isDown } = data;
  const tone =
    look.status !== undefined && isStatus(look.status) ? lookOf(look.status).tone : undefined;
  return (
    <div
      className={classes["node"]}
      data-kind={kind}
      data-tone={tone}
      data-change={look.change}
      data-faint={look.isFaint}
      data-problem={look.problem !== undefined}
      data-open={data.isOpen}
    >
      {isLabelledBelow(kind) ? <Sign data={data} /> : <Card data={data} />}
      {data.isOpen && (
        <div className={`nodrag nowheel ${classes["inside"] ?? ""}`}>{inside?.(id)}</div>
      )}
      <Marks data={data} />
      <Ends kind={kind} isDown={isDown} isEditable={data.isEditable} />
    </div>
  );
});

function Sign({ data }: { readonly data: NodeData }) {
  const Icon = ICONS[data.kind];
  const { look } = data;
  return (
    <>
      <span className={classes["shape"]} />
      <Icon className={classes["signIcon"]} size={20} strokeWidth={2.4} aria-hidden />
      <span className={classes["below"]} title={look.label ?? data.title}>
        {look.label ?? data.title}
      </span>
    </>
  );
}

function Card({ data }: { readonly data: NodeData }) {
  const Icon = ICONS[data.kind];
  const { look } = data;
  const title = look.label ?? data.title;
  const detail = look.detail ?? data.subtitle;
  return (
    <div className={classes["card"]}>
      <span className={classes["tile"]}>
        <Icon size={18} aria-hidden />
      </span>
      <span className={classes["texts"]}>
        <span className={classes["title"]} title={title}>
          {title}
        </span>
        {detail !== "" && (
          <span className={classes["detail"]} title={detail}>
            {detail}
          </span>
        )}
      </span>
    </div>
  );
}

const CHANGES: Readonly<Record<Change, typeof Plus>> = {
  added: Plus,
  removed: Minus,
  changed: Pencil,
};

function Marks({ data: { look } }: { readonly data: NodeData }) {
  const { t } = useTranslation(["graph", "shared"]);
  const { status, change, problem, badge } = look;
  const Change = change === undefined ? null : CHANGES[change];
  return (
    <>
      {(status !== undefined || Change !== null) && (
        <span className={classes["mark"]}>
          {status !== undefined && <StatusMark status={status} />}
          {Change !== null && change !== undefined && (
            <span className={classes["chip"]} data-change={change}>
              <Change size={12} strokeWidth={2.6} aria-hidden />
              {t(`change.${change}`)}
            </span>
          )}
        </span>
      )}
      {badge !== undefined && <span className={classes["badge"]}>{badge}</span>}
      {problem !== undefined && (
        <span className={classes["problem"]} title={problem}>
          <TriangleAlert size={14} strokeWidth={2.4} aria-hidden />
          <span className="unseen">{t("problem", { problem })}</span>
        </span>
      )}
    </>
  );
}

function StatusMark({ status }: { readonly status: string }) {
  const { t } = useTranslation("shared");
  if (!isStatus(status)) return <span className={classes["chip"]}>{status}</span>;
  const { tone, icon: Icon } = lookOf(status);
  return (
    <span className={classes["chip"]} data-tone={tone} data-status={status}>
      <Icon size={12} strokeWidth={2.6} aria-hidden />
      {t(`status.${status}`)}
    </span>
  );
}

function Ends({
  kind,
  isDown,
  isEditable,
}: {
  readonly kind: NodeData["kind"];
  readonly isDown: boolean;
  readonly isEditable: boolean;
}) {
  const handle = classes[isEditable ? "handle" : "noHandle"] ?? "";
  return (
    <>
      {kind !== "start" && (
        <Handle
          type="target"
          position={isDown ? Position.Top : Position.Left}
          className={handle}
          isConnectableStart={false}
        />
      )}
      {kind !== "end" && (
        <Handle
          type="source"
          position={isDown ? Position.Bottom : Position.Right}
          className={handle}
        />
      )}
    </>
  );
}
