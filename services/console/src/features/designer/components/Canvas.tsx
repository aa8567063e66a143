import { Loader } from "@mantine/core";
import { useEffect, useMemo, useRef } from "react";
import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { FlowGraph } from "@/shared/graph/FlowGraph";
import type { GraphApi, GraphEdit } from "@/shared/graph/types";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Commands } from "../commands";
import type { Mark } from "../marks";
import { looksOf } from "../marks";
import type { Editor } from "../model";
import { useEditor } from "../model";
import type { Choice } from "../offers";
import { useLayout } from "../useLayout";
import { useRepair } from "../useRepair";
import classes from "./designer.module.css";
import { FirstStep } from "./FirstStep";
import { Unreadable } from "./Problems";

const NOTHING: ReadonlySet<string> = new Set();

interface Props {
  readonly editor: Editor;
  readonly commands: Commands;
  readonly marks: readonly Mark[];
  readonly graphRef: RefObject<GraphApi | null>;
  readonly onPalette: () => void;
  readonly onOpen: () => void;
  readonly onYaml: () => void;
  /** What stands above the drawing. */
  readonly children: ReactNode;
}

/** The drawing, and what is told about it. */
export function Canvas({
  editor,
  commands,
  marks,
  graphRef,
  onPalette,
  onOpen,
  onYaml,
  children,
}: Props) {
  const { t } = useTranslation("designer");
  const flow = useEditor(editor, (state) => state.flow);
  const selected = useEditor(editor, (state) => state.selected);
  const textProblems = useEditor(editor, (state) => state.textProblems);
  const title = useEditor(editor, ({ definition }) => definition["title"] ?? definition["key"]);
  const { positions, routes, direction, isReady, error, retry } = useLayout(flow);
  const repair = useRepair();
  const looks = useMemo(
    () => looksOf(marks, (mark) => [mark.message, repair(mark)].filter(Boolean).join(" ")),
    [marks, repair],
  );
  useEffect(() => {
    editor.show(positions, direction);
  }, [editor, positions, direction]);
  const seen = useRef({ flow, selected, put: NOTHING });
  const latest = useRef(flow);
  useEffect(() => {
    const before = seen.current;
    const now = editor.state().flow;
    // Selected by the same change: it was put in, and is wherever the layout has room for it.
    const isPut = now !== latest.current && selected !== before.selected;
    const put = isPut ? selected : before.put;
    seen.current = { flow: now, selected, put };
    if (selected.size === 1 || selected === put) {
      graphRef.current?.reveal([...selected], selected === put);
    }
    const isFirst = before.flow.nodes.length === 0 && now.nodes.length > 1;
    if (isFirst) graphRef.current?.reveal(now.nodes.map(({ id }) => id));
  }, [editor, graphRef, selected, positions]);
  // After the other: texts change without anything being selected or moved.
  useEffect(() => {
    latest.current = flow;
  }, [flow]);
  const edit = useMemo<GraphEdit>(
    () => ({
      onMove: (moved) => commands.place(moved),
      onConnect: (source, target) => commands.connect(source, target),
      onReconnect: (edge, source, target) => commands.reconnect(edge, source, target),
      onConnectToNothing: (source) => {
        editor.select(new Set([source]));
        onPalette();
      },
      onInsert: (edge) => {
        editor.select(new Set([edge]));
        onPalette();
      },
      onDrop: (what, at, edge) => commands.add(JSON.parse(what) as Choice, { at, edge }),
      onOpen,
    }),
    // What these lead to is the same for as long as the designer is open.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [editor, commands],
  );
  return (
    <div className={classes["canvas"]}>
      <div className={classes["over"]}>
        {textProblems.length > 0 && <Unreadable problems={textProblems} onYaml={onYaml} />}
        {children}
        {error !== null && <ProblemPanel error={error} onRetry={retry} />}
      </div>
      {isReady ? (
        <FlowGraph
          flow={flow}
          positions={positions}
          routes={routes}
          direction={direction}
          label={t("canvas", { title: typeof title === "string" ? title : "" })}
          looks={looks}
          selected={selected}
          onSelect={editor.select}
          edit={textProblems.length > 0 ? undefined : edit}
          minimap={flow.nodes.length > 12}
          apiRef={graphRef}
        />
      ) : (
        error === null && <Loader m="xl" size="sm" aria-label={t("loading")} />
      )}
      {isReady && flow.nodes.length === 0 && textProblems.length === 0 && (
        <FirstStep onPalette={onPalette} />
      )}
    </div>
  );
}
