import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaTemplateView } from "@/api/schema";
import { START } from "@/canvas/flow";
import type { GraphApi } from "@/shared/graph/types";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { useTitle } from "@/shared/problemWords";
import { readTheirs } from "../api";
import { Commands } from "../commands";
import type { Opened } from "../drafting";
import { Drafting } from "../drafting";
import { marksOf } from "../marks";
import { Editor, useEditor } from "../model";
import type { Place } from "../panel/types";
import { ConflictError, discardDraft, shareDraft } from "../sharing";
import { useEditors } from "../useEditors";
import { useKeys } from "../useKeys";
import { useTestRun } from "../useTestRun";
import { useValidation } from "../useValidation";
import { Canvas } from "./Canvas";
import { ConflictNotice } from "./ConflictNotice";
import classes from "./designer.module.css";
import { Palette } from "./Palette";
import { PublishDialog } from "./PublishDialog";
import type { SideTab } from "./Side";
import { Side } from "./Side";
import { ConnectDialog, KeysDialog, NameDialog } from "./SmallDialogs";
import { TheirsDialog } from "./TheirsDialog";
import { TopBar } from "./TopBar";

interface Props {
  readonly place: Place;
  readonly template: SchemaTemplateView;
  readonly opened: Opened;
}

/** Where a flow is drawn. */
export function Designer({ place, template, opened }: Props) {
  const { t } = useTranslation(["designer", "shared"]);
  const [{ editor, drafting, graph, commands }] = useState(() => begin(place, opened));
  const search = useRef<HTMLInputElement | null>(null);
  const [tab, setTab] = useState<SideTab>("node");
  const [node, setNode] = useState<{ connect: string | null; name: string | null }>(CLOSED);
  const [isPublishing, publishing] = useDisclosure(false);
  const [isKeys, keys] = useDisclosure(false);
  const [isDiscarding, discarding] = useDisclosure(false);
  const [theirs, setTheirs] = useState<string | null>(null);
  const { flow, faults } = useEditor(editor, (state) => state);
  const marks = useMemo(() => marksOf(flow, faults), [flow, faults]);
  const others = useEditors(place, template.template_id, drafting);
  const test = useTestRun(place, editor);
  useEffect(() => drafting.begin(), [drafting]);
  useValidation(editor, place.project);
  useUnsaved(drafting);
  const toPalette = () => {
    search.current?.focus();
    search.current?.select();
  };
  const go = (id: string) => {
    editor.select(new Set([id]));
    setTab("node");
    graph.current?.centre(id);
  };
  useKeys({
    ...{ editor, commands },
    onPalette: toPalette,
    onSettings: () => toSettings(setTab),
    onConnect: (id) => setNode({ ...CLOSED, connect: id }),
    onName: (id) => setNode({ ...CLOSED, name: id }),
    onSave: () => void drafting.flush(),
    onFit: () => graph.current?.fit(),
    onKeys: keys.open,
    onPasteNothing: () => notifications.show({ message: t("pasteNothing") }),
  });
  const share = useMutation({
    mutationFn: () => shareDraft(place, editor, drafting),
    onSuccess: () => notifications.show({ color: "teal", message: t("publish.shared") }),
  });
  return (
    <div className={classes["page"]}>
      <TopBar
        {...{ place, template, editor, drafting, commands, others }}
        onTest={test.run}
        onPublish={publishing.open}
        onShare={() => share.mutate()}
        onDiscard={discarding.open}
        onKeys={keys.open}
        onTheirs={setTheirs}
      />
      <div className={classes["body"]} data-wide={tab === "yaml"}>
        <Palette
          place={place}
          editor={editor}
          searchRef={search}
          onAdd={(choice) => {
            commands.add(choice);
            setTab((before) => (before === "yaml" ? before : "node"));
          }}
          onLeave={() => {
            const [one = START] = editor.state().selected;
            graph.current?.focus(one);
          }}
        />
        <Canvas
          {...{ editor, commands, marks }}
          graphRef={graph}
          onPalette={toPalette}
          onOpen={() => toSettings(setTab)}
          onYaml={() => setTab("yaml")}
        >
          <ConflictNotice place={place} editor={editor} drafting={drafting} />
          <Failure error={share.error} />
          <Failure error={test.error} />
        </Canvas>
        <Side {...{ place, editor, commands, marks, tab }} onTab={setTab} onGo={go} />
      </div>
      <PublishDialog
        {...{ place, editor, drafting }}
        isOpen={isPublishing}
        problemCount={marks.length}
        onProblems={() => {
          publishing.close();
          setTab("problems");
        }}
        onClose={publishing.close}
      />
      <ConnectDialog
        {...{ editor, commands }}
        node={node.connect}
        onClose={() => setNode(CLOSED)}
      />
      <NameDialog {...{ editor, commands }} node={node.name} onClose={() => setNode(CLOSED)} />
      <KeysDialog isOpen={isKeys} onClose={keys.close} />
      <DiscardDialog
        isOpen={isDiscarding}
        onDiscard={() => discardDraft(place, drafting)}
        onClose={discarding.close}
      />
      <TheirsDialog
        user={theirs}
        editor={editor}
        read={(user) => readTheirs(place, user)}
        onClose={() => setTheirs(null)}
      />
    </div>
  );
}

const CLOSED = { connect: null, name: null };

function begin(place: Place, opened: Opened) {
  const editor = new Editor(opened.text, opened.shared ?? "");
  const graph: RefObject<GraphApi | null> = { current: null };
  const commands = new Commands(editor, () => graph.current);
  return { editor, graph, commands, drafting: new Drafting(editor, place, opened) };
}

function toSettings(setTab: (tab: SideTab) => void): void {
  setTab("node");
  requestAnimationFrame(() => {
    const panel = document.querySelector(`aside [role='tabpanel']`);
    panel?.querySelector<HTMLElement>("input, textarea, button, [contenteditable]")?.focus();
  });
}

/** Have the last change stored before another page is shown. */
function useUnsaved(drafting: Drafting): void {
  useBlocker({
    shouldBlockFn: async () => {
      await drafting.flush();
      return false;
    },
    enableBeforeUnload: false,
  });
}

function Failure({ error }: { readonly error: unknown }) {
  if (error === null || error instanceof ConflictError) return null;
  return <ProblemPanel error={error} />;
}

function DiscardDialog({
  isOpen,
  onDiscard,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onDiscard: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const doing = useMutation({
    mutationFn: onDiscard,
    onSuccess: () => {
      notifications.show({ message: t("publish.discarded") });
      onClose();
    },
  });
  const failed = useTitle(doing.error);
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("publish.discardTitle")}>
      <Stack gap="sm">
        <Text size="sm">{t("publish.discardText")}</Text>
        {doing.error !== null && <Text size="sm">{failed}</Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button color="red" loading={doing.isPending} onClick={() => doing.mutate()}>
            {t("bar.discard")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
