import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { SchemaEditorView } from "@/api/schema";
import { onProjectEvent } from "@/shared/changes";
import { editorsQuery, notePresence } from "./api";
import type { Drafting } from "./drafting";
import type { Place } from "./panel/types";

/** How often others are told that one is still there; they are told for three times as long. */
const PAUSE_MS = 20_000;

/** Return who else is at a template, and let them see that one is. */
export function useEditors(
  place: Place,
  templateId: string,
  drafting: Drafting,
): readonly SchemaEditorView[] {
  const queries = useQueryClient();
  const query = editorsQuery(place);
  const { data } = useQuery(query);
  const { project, template } = place;
  useEffect(() => {
    const note = () => {
      if (document.visibilityState !== "visible") return;
      // Nobody answers: then nobody sees it either, and it is told again in a while.
      void notePresence({ project, template }).catch(() => undefined);
    };
    note();
    const timer = setInterval(note, PAUSE_MS);
    document.addEventListener("visibilitychange", note);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", note);
    };
  }, [project, template]);
  useEffect(
    () =>
      onProjectEvent(project, (event) => {
        if (event !== null && !(event.name === "drafts" && concerns(event.data, templateId)))
          return;
        void queries.invalidateQueries({
          queryKey: editorsQuery({ project, template }).queryKey,
        });
      }),
    [queries, project, template, templateId],
  );
  useEffect(() => {
    if (data !== undefined) drafting.noteShared(data.shared);
  }, [data, drafting]);
  return data?.items.filter((one) => !one.is_you) ?? NOBODY;
}

const NOBODY: readonly SchemaEditorView[] = [];

function concerns(data: string, templateId: string): boolean {
  const said = JSON.parse(data) as { template_ids?: readonly string[]; complete?: boolean };
  return said.complete === false || (said.template_ids?.includes(templateId) ?? true);
}
