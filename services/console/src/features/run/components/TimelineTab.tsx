import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { Minus, Plus } from "lucide-react";
import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/shared/clock";
import { Nothing } from "@/shared/Page";
import { StatusBadge } from "@/shared/StatusBadge";
import { duration } from "@/shared/time";
import { shownStatus } from "../logic/items";
import type { Bar, Phase, Span, TimelineRow } from "../logic/timeline";
import { percent, spanOf, steadyEnd, ticksOf, timelineOf } from "../logic/timeline";
import { useRunState } from "./context";
import { FurtherItems } from "./FurtherItems";
import { useNameOf } from "./words";
import classes from "./run.module.css";

const PHASES: readonly Phase[] = ["queued", "dispatched", "running", "waiting"];
const LARGEST = 64;
const TICKS = 8;

/** What took how long, from what is stored of each attempt. */
export function TimelineTab() {
  const { t } = useTranslation("run");
  const { view, go, search } = useRunState();
  const [zoom, setZoom] = useState(1);
  const rows = useMemo(() => timelineOf(view), [view]);
  const begun = Date.parse(view.started_at ?? view.created_at);
  const isOver = view.ended_at !== null;
  // What goes on grows all the time; the chart itself moves only now and then.
  const end = useNow((now) => (isOver ? 0 : steadyEnd(begun, now.getTime())));
  const now = useNow((at) => (isOver ? 0 : Math.floor(at.getTime() / 1000) * 1000));
  const span = useMemo(() => spanOf(view, rows, end), [view, rows, end]);
  if (rows.length === 0) return <Nothing title={t("timeline.none")} />;
  return (
    <section aria-label={t("timeline.label")}>
      <Group justify="space-between" mb="xs" gap="xs">
        <Legend />
        <Group gap={6}>
          <ActionIcon
            variant="default"
            aria-label={t("timeline.zoomOut")}
            disabled={zoom === 1}
            onClick={() => setZoom(zoom / 2)}
          >
            <Minus size={14} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label={t("timeline.zoomIn")}
            disabled={zoom === LARGEST}
            onClick={() => setZoom(zoom * 2)}
          >
            <Plus size={14} aria-hidden />
          </ActionIcon>
          <Button variant="default" size="compact-xs" onClick={() => setZoom(1)}>
            {t("timeline.reset")}
          </Button>
        </Group>
      </Group>
      <div
        className={`card ${classes["chart"] ?? ""}`}
        tabIndex={0}
        role="group"
        aria-label={t("timeline.label")}
      >
        <div className={classes["chartInner"]} style={{ width: `${zoom * 100}%` }}>
          <Scale span={span} most={TICKS * zoom} />
          <ul>
            {rows.map((row) => (
              <Line
                key={row.id}
                row={row}
                span={span}
                now={row.to === null ? now : 0}
                isChosen={search.node === row.id}
                onOpen={go}
              />
            ))}
          </ul>
        </div>
        <FurtherItems />
      </div>
    </section>
  );
}

function Legend() {
  const { t } = useTranslation("run");
  return (
    <Group gap="sm">
      {PHASES.map((phase) => (
        <Text key={phase} size="xs" className={classes["legend"] ?? ""} component="span">
          <span data-phase={phase} aria-hidden />
          {t(`timeline.phase.${phase}`)}
        </Text>
      ))}
    </Group>
  );
}

function Scale({ span, most }: { readonly span: Span; readonly most: number }) {
  return (
    <div className={classes["scale"]} aria-hidden>
      <div className={classes["track"]}>
        {ticksOf(span, most).map((tick) => (
          <span key={tick} style={{ left: `${percent(span, span.from + tick)}%` }}>
            {tick === 0 ? "0" : duration(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}

interface LineProps {
  readonly row: TimelineRow;
  readonly span: Span;
  /** The present, where it goes on; 0 otherwise, so that what is over is not drawn again. */
  readonly now: number;
  readonly isChosen: boolean;
  readonly onOpen: (change: { readonly node: string; readonly attempt: null }) => void;
}

const Line = memo(function Line({ row, span, now, isChosen, onOpen }: LineProps) {
  const { t } = useTranslation("run");
  const { node, bars, depth } = row;
  const name = useNameOf()(node);
  const end = row.to ?? Math.max(now, row.from);
  const took = end > row.from ? duration(end - row.from) : t("timeline.moment");
  return (
    <li className={classes["row"]} aria-current={isChosen}>
      <button
        type="button"
        className={classes["rowName"]}
        style={{ paddingLeft: 8 + depth * 14 }}
        title={node.node_id}
        onClick={() => onOpen({ node: node.node_id, attempt: null })}
      >
        <StatusBadge status={shownStatus(node)} bare />
        <span className="cut">{name}</span>
        <span className={`faint numbers ${classes["took"] ?? ""}`}>{took}</span>
      </button>
      <div className={classes["track"]} aria-hidden>
        {bars.length === 0 ? (
          <span
            className={classes["moment"]}
            style={{ left: `${percent(span, row.from)}%`, width: `${width(span, row.from, end)}%` }}
          />
        ) : (
          bars.map((bar) => <Pieces key={bar.number} bar={bar} span={span} now={now} />)
        )}
      </div>
    </li>
  );
});

function Pieces({
  bar,
  span,
  now,
}: {
  readonly bar: Bar;
  readonly span: Span;
  readonly now: number;
}) {
  const { t } = useTranslation("run");
  return bar.pieces.map((piece) => {
    const to = piece.to ?? Math.max(now, piece.from);
    const words = `${t("attempt.number", { number: bar.number })}: ${t(`timeline.phase.${piece.phase}`)}, ${duration(to - piece.from)}`;
    return (
      <span
        key={`${piece.phase}${piece.from}`}
        data-phase={piece.phase}
        data-status={bar.status}
        title={words}
        style={{
          left: `${percent(span, piece.from)}%`,
          width: `${width(span, piece.from, to)}%`,
        }}
      />
    );
  });
}

function width(span: Span, from: number, to: number): number {
  return percent(span, to) - percent(span, from);
}
