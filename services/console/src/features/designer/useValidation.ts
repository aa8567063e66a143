import { useEffect } from "react";
import { validate } from "./api";
import type { Editor } from "./model";
import { useEditor } from "./model";

/** How long nobody has to change anything before it is checked. */
const PAUSE_MS = 350;

/** Have the API check what is edited whenever it has changed. */
export function useValidation(editor: Editor, project: string): void {
  const version = useEditor(editor, (state) => state.version);
  useEffect(() => {
    const ending = new AbortController();
    const timer = setTimeout(() => {
      validate(project, editor.text(), ending.signal)
        .then((faults) => {
          if (!ending.signal.aborted) editor.setFaults(faults);
        })
        // Nobody answers: the banner says so, and what was found last stays until it is asked again.
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [editor, project, version]);
}
