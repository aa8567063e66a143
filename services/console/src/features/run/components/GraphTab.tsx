import { Button, Group, Switch } from "@mantine/core";
import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import type { GraphApi } from "@/shared/graph/types";
import { useDrawing } from "../drawing";
import { currentOf } from "../logic/current";
import { canOpen } from "../logic/layers";
import { placeOfCanvas } from "../logic/looks";
import { InsideNode } from "./InsideNode";
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
  const { flow, ids, sizes, looks, edgeLooks, positions, error, retry } = useDrawing(state);
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
        {positions === undefined ? (
          <Missing error={error} onRetry={retry} />
        ) : (
          <FlowGraph
            flow={flow}
            positions={positions}
            label={t("graph", { name: view.name })}
            looks={looks}
            edgeLooks={edgeLooks}
            sizes={sizes}
            selected={selected}
            onSelect={select}
            minimap
            renderInside={inside}
            apiRef={api}
          />
        )}
      </div>
    </div>
  );
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
