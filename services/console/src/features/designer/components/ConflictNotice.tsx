import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { readText } from "@/shared/forms/yaml";
import { useNow } from "@/shared/clock";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { relative } from "@/shared/time";
import { readMine, readShared } from "../api";
import type { Conflict, Drafting } from "../drafting";
import type { Editor } from "../model";
import { useEditor } from "../model";
import type { Place } from "../panel/types";
import { DiffView } from "./DiffView";
import { useDraft } from "./SaveState";

interface Theirs {
  readonly text: string;
  readonly base: number;
  readonly etag: string | null;
}

/** Says whose change came between, and lets one look at it, take it, or keep one's own. */
export function ConflictNotice({
  place,
  editor,
  drafting,
}: {
  readonly place: Place;
  readonly editor: Editor;
  readonly drafting: Drafting;
}) {
  const { conflict, etag } = useDraft(drafting);
  if (conflict === null) return null;
  return (
    <Notice
      key={conflict.kind + (conflict.etag ?? "")}
      {...{ place, editor, drafting, conflict, etag }}
    />
  );
}

function Notice({
  place,
  editor,
  drafting,
  conflict,
  etag,
}: {
  readonly place: Place;
  readonly editor: Editor;
  readonly drafting: Drafting;
  readonly conflict: Conflict;
  readonly etag: string | null;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const [isLooking, setIsLooking] = useState(false);
  const when = useWhen(conflict.at);
  const theirs = useQuery({
    queryKey: ["designer", place.project, place.template, "theirs", conflict.kind, conflict.etag],
    queryFn: () => theirsOf(place, conflict, etag),
  });
  const user =
    conflict.kind === "shared"
      ? (conflict.actor ?? t("conflict.somebody"))
      : t("conflict.somebody");
  const take = () => {
    if (theirs.data === undefined) return;
    drafting.take(theirs.data.text, theirs.data.base, theirs.data.etag);
  };
  const keep = () => {
    if (theirs.data !== undefined) drafting.keep(theirs.data.base, theirs.data.etag);
  };
  return (
    <Alert
      role="alert"
      variant="light"
      className="alarm"
      icon={<Users size={18} aria-hidden />}
      title={conflict.kind === "own" ? t("conflict.ownTitle") : t("conflict.sharedTitle", { user })}
      maw={620}
    >
      <Stack gap="xs">
        <Text size="sm">{t(`conflict.${conflict.kind}Text`, { when })}</Text>
        {theirs.error !== null && (
          <ProblemPanel error={theirs.error} onRetry={() => void theirs.refetch()} />
        )}
        <Group gap="xs">
          <Button variant="default" onClick={() => setIsLooking(true)}>
            {t("conflict.look")}
          </Button>
          <Button variant="default" onClick={take} loading={theirs.isPending}>
            {t("conflict.take")}
          </Button>
          <Button variant="default" onClick={keep} loading={theirs.isPending}>
            {t("conflict.keep")}
          </Button>
          {conflict.kind === "shared" && (
            <Button variant="subtle" onClick={() => drafting.postpone()}>
              {t("conflict.later")}
            </Button>
          )}
        </Group>
      </Stack>
      <Dialog
        opened={isLooking}
        onClose={() => setIsLooking(false)}
        title={t("conflict.difference")}
        size="90%"
      >
        <Looked editor={editor} theirs={theirs.data} />
      </Dialog>
    </Alert>
  );
}

function Looked({
  editor,
  theirs,
}: {
  readonly editor: Editor;
  readonly theirs: Theirs | undefined;
}) {
  const { t } = useTranslation("designer");
  const mine = useEditor(editor, (state) => state.definition);
  if (theirs === undefined) return <Rows />;
  const before = readText(theirs.text).definition ?? {};
  return <DiffView before={before} after={mine} label={t("conflict.difference")} />;
}

function useWhen(at: string | null): string {
  const { i18n } = useTranslation();
  return useNow((now) => (at === null ? "" : relative(new Date(at), now, i18n.language)));
}

/** Return what the other has made: one's own draft from elsewhere, or the shared one. */
async function theirsOf(place: Place, conflict: Conflict, etag: string | null): Promise<Theirs> {
  if (conflict.kind === "own" && conflict.etag !== null) {
    const mine = await readMine(place);
    return { text: mine.source, base: mine.base_revision, etag: mine.etag };
  }
  const shared = await readShared(place);
  const own = conflict.kind === "own" ? null : etag;
  return { text: shared.source ?? "", base: shared.revision, etag: own };
}
