import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaPersonalDraftView } from "@/api/schema";
import { readText } from "@/shared/forms/yaml";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Editor } from "../model";
import { DiffView } from "./DiffView";

/** What somebody else has changed and not shared yet, against what is on the screen. */
export function TheirsDialog({
  user,
  editor,
  read,
  onClose,
}: {
  readonly user: string | null;
  readonly editor: Editor;
  readonly read: (user: string) => Promise<SchemaPersonalDraftView>;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const theirs = useQuery({
    queryKey: ["designer", "theirs", user],
    queryFn: () => read(user ?? ""),
    enabled: user !== null,
    staleTime: 0,
  });
  const after = theirs.data === undefined ? null : readText(theirs.data.source).definition;
  const title = t("presence.look", { user: user ?? "" });
  return (
    <Dialog opened={user !== null} onClose={onClose} title={title} size="90%">
      {theirs.error !== null && <ProblemPanel error={theirs.error} />}
      {theirs.isPending && <Rows />}
      {after !== null && (
        <DiffView before={editor.state().definition} after={after} label={title} />
      )}
    </Dialog>
  );
}
