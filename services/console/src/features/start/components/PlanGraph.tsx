import { Skeleton } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, Positions } from "@/canvas/flow";
import { flowOfGraph } from "@/canvas/graph";
import { layOut } from "@/canvas/layout";
import type { JsonObject } from "@/shared/forms/types";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import { ProblemPanel } from "@/shared/ProblemPanel";

const NONE: ReadonlySet<string> = new Set();

interface Laid {
  readonly flow: Flow;
  readonly positions: Positions;
  /** Counts drawings: each is shown as a whole at first. */
  readonly number: number;
}

/** What would run, drawn: what is left out is not in it. */
export function PlanGraph({ graph }: { readonly graph: JsonObject }) {
  const { t } = useTranslation("start");
  const flow = useMemo(() => flowOfGraph(graph), [graph]);
  const [laid, setLaid] = useState<Laid>();
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const [selected, setSelected] = useState(NONE);
  useEffect(() => {
    let isWanted = true;
    layOut(flow, { direction: "down" }).then(
      (positions) => {
        if (!isWanted) return;
        setLaid((before) => ({ flow, positions, number: (before?.number ?? 0) + 1 }));
        setError(null);
      },
      (reason: unknown) => {
        if (isWanted) setError(reason);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [flow, tries]);
  if (error !== null) {
    const retry = () => {
      setError(null);
      setTries(tries + 1);
    };
    return <ProblemPanel error={error} onRetry={retry} />;
  }
  if (laid === undefined) return <Skeleton h="100%" />;
  return (
    <FlowGraph
      key={laid.number}
      label={t("plan.graph")}
      direction="down"
      isOverview
      flow={laid.flow}
      positions={laid.positions}
      selected={selected}
      onSelect={setSelected}
    />
  );
}
