import { Button, Group, Switch } from "@mantine/core";
import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Positions } from "@/canvas/flow";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import type { GraphApi } from "@/shared/graph/types";
import { useDrawing } from "../drawing";
import { currentOf } from "../logic/current";
import { canOpen, outerOf, ownerOf } from "../logic/layers";
import { placeOfCanvas } from "../logic/looks";
import { InsideNode } from "./InsideNode";
import type { RunState } from "./context";
import { useRunState } from "./context";
import classes from "./run.module.css";

/** What stands within nodes that hold more than their name. */
function inside(id: string) {
  return <InsideNode place={id} />;
}

/** The whole graph, with what has not run yet. */
export function GraphTab() {
  const { t } = useTranslation("run");
  const state = useRunState();
  const { view, picture, search, go } = state;
  const [isFollowing, setFollowing] = useState(false);
  const api = useRef<GraphApi>(null);
  const { flow, ids, sizes, looks, edgeLooks, drawing, error, retry } = useDrawing(state);
  const positions = drawing?.positions;
  const startAt = useSight(state, ids, positions, api);
  const selected = useMemo(
    () => new Set(search.node === undefined ? [] : [ids.get(search.node) ?? search.node]),
    [search.node, ids],
  );
  const select = useCallback(
    (chosen: ReadonlySet<string>) => {
      // Only what is drawn as a node has a panel.
      const id = [...chosen].findLast((one) => !one.includes(">"));
      go({ node: id === undefined ? null : placeOfCanvas(id, ids), attempt: null });
    },
    [go, ids],
  );
  const current = isFollowing ? currentOf(picture) : null;
  useEffect(() => {
    if (current !== null && positions !== undefined) {
      api.current?.centre(ids.get(current) ?? current);
    }
  }, [current, positions, ids]);
  const subflows = [...picture.nodes.values()].filter(canOpen).map((one) => one.place);
  return (
    <div className={classes["graph"]}>
      <Group className={classes["tools"] ?? ""} gap="sm">
        <Switch
          size="xs"
          label={t("follow")}
          title={t("followAbout")}
          checked={isFollowing}
          onChange={(event) => setFollowing(event.currentTarget.checked)}
        />
        {subflows.length > 0 && <OpenAll places={subflows} />}
      </Group>
      <div className={classes["canvas"]}>
        {drawing === undefined ? (
          <Missing error={error} onRetry={retry} />
        ) : (
          <FlowGraph
            flow={flow}
            positions={drawing.positions}
            routes={drawing.routes}
            label={t("graph", { name: view.name })}
            looks={looks}
            edgeLooks={edgeLooks}
            sizes={sizes}
            selected={selected}
            onSelect={select}
            minimap
            startAt={startAt}
            renderInside={inside}
            apiRef={api}
          />
        )}
      </div>
    </div>
  );
}

/**
 * Keep the node that the address names in sight; return the one that the drawing begins with.
 *
 * It may lie in a subflow that is read only later, or that the address does not say to open: then it
 * is opened, and the node brought into sight once it is there.
 */
function useSight(
  { search, picture, go }: RunState,
  ids: ReadonlyMap<string, string>,
  positions: Positions | undefined,
  api: RefObject<GraphApi | null>,
): string | undefined {
  const place = search.node === undefined ? undefined : ownerOf(search.node);
  const id = place === undefined ? undefined : (ids.get(place) ?? place);
  const [startAt] = useState(id);
  const seen = useRef<string>(undefined);
  const opened = useRef({ place, outer: new Set<string>() });
  useEffect(() => {
    if (place === undefined || id === undefined || seen.current === id) return;
    if (positions?.[id] === undefined) {
      if (opened.current.place !== place) opened.current = { place, outer: new Set() };
      const { outer: already } = opened.current;
      const open = search.open ?? [];
      const closed = outerOf(place).filter((outer) => {
        const one = picture.nodes.get(outer);
        return one !== undefined && canOpen(one) && !open.includes(outer) && !already.has(outer);
      });
      if (closed.length === 0) return;
      // Once: of a node that is never drawn, such as an inner end, people may close them again.
      for (const outer of closed) already.add(outer);
      go({ open: [...open, ...closed] });
      return;
    }
    const isFirst = seen.current === undefined && id === startAt;
    seen.current = id;
    if (isFirst) api.current?.centre(id);
    // The panel that opens beside the drawing takes its room first.
    requestAnimationFrame(() => requestAnimationFrame(() => api.current?.reveal([id])));
  }, [place, id, startAt, positions, picture, search.open, go, api]);
  return startAt;
}

/** What stands where the drawing will be. */
function Missing({
  error,
  onRetry,
}: {
  readonly error: Error | null;
  readonly onRetry: () => void;
}) {
  return error === null ? <Rows /> : <ProblemPanel error={error} onRetry={onRetry} />;
}

function OpenAll({ places }: { readonly places: readonly string[] }) {
  const { t } = useTranslation("run");
  const { search, go } = useRunState();
  const open = search.open ?? [];
  const isAll = places.every((place) => open.includes(place));
  const Icon = isAll ? ChevronsDownUp : ChevronsUpDown;
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={<Icon size={12} aria-hidden />}
      onClick={() => go({ open: isAll ? null : [...new Set([...open, ...places])] })}
    >
      {t(isAll ? "closeAll" : "openAll")}
    </Button>
  );
}
