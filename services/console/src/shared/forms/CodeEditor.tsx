import type { Diagnostic } from "@codemirror/lint";
import { setDiagnostics } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import { Annotation, Compartment } from "@codemirror/state";
import { EditorView, placeholder as placeholderOf } from "@codemirror/view";
import { getNonce } from "get-nonce";
import { useEffect, useEffectEvent, useRef } from "react";
import { knownHere, setupOf } from "./codeSetup";
import classes from "./forms.module.css";
import type { CodeFieldProps, TextProblem } from "./types";
import { NOTHING_KNOWN } from "./types";

/** Marks what comes from outside: nobody has to be told of it. */
const FROM_OUTSIDE = Annotation.define<boolean>();

/** CodeMirror as a field of a form. */
export function CodeEditor(props: CodeFieldProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const parts = useRef({ known: new Compartment(), attributes: new Compartment() });
  const { language, oneLine = false, readOnly = false, placeholder = "", scope } = props;
  const { value, problems, shown, isInvalid = false, describedBy, label } = props;
  const tell = useEffectEvent((text: string) => {
    if (text !== value) props.onChange(text);
  });
  const tellLine = useEffectEvent((line: number) => props.onLine?.(line));
  const first = useEffectEvent(() => ({
    value,
    scope: scope ?? NOTHING_KNOWN,
    attributes: attributesOf(label, isInvalid, describedBy),
  }));

  useEffect(() => {
    if (place.current === null) return undefined;
    const { known, attributes } = parts.current;
    const start = first();
    const created = new EditorView({
      parent: place.current,
      doc: start.value,
      extensions: [
        setupOf({ language, oneLine, readOnly, nonce: getNonce() ?? "" }),
        placeholder === "" ? [] : placeholderOf(placeholder),
        known.of(knownHere.of(start.scope)),
        attributes.of(start.attributes),
        EditorView.updateListener.of((update) => {
          const isOurs = update.transactions.some((one) => one.annotation(FROM_OUTSIDE) === true);
          if (update.docChanged && !isOurs) tell(update.state.doc.toString());
          if (update.selectionSet || (update.focusChanged && update.view.hasFocus)) {
            tellLine(update.state.doc.lineAt(update.state.selection.main.head).number);
          }
        }),
      ],
    });
    view.current = created;
    return () => {
      view.current = null;
      created.destroy();
    };
  }, [language, oneLine, readOnly, placeholder]);

  useEffect(() => {
    if (view.current !== null) replace(view.current, value);
  }, [value, language, oneLine, readOnly, placeholder]);

  useEffect(() => {
    const { known } = parts.current;
    view.current?.dispatch({ effects: known.reconfigure(knownHere.of(scope ?? NOTHING_KNOWN)) });
  }, [scope]);

  useEffect(() => {
    const { attributes } = parts.current;
    const effects = attributes.reconfigure(attributesOf(label, isInvalid, describedBy));
    view.current?.dispatch({ effects });
  }, [label, isInvalid, describedBy]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(setDiagnostics(editor.state, diagnostics(editor.state.doc, problems ?? [])));
  }, [problems, value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || shown === undefined || editor.hasFocus) return;
    const { from } = editor.state.doc.line(Math.min(shown.line, editor.state.doc.lines));
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: "start", yMargin: 24 }),
      annotations: FROM_OUTSIDE.of(true),
    });
  }, [shown]);

  const look = [
    classes["code"],
    oneLine ? classes["oneLine"] : "",
    props.fill === true ? classes["fill"] : "",
    isInvalid ? classes["invalid"] : "",
    readOnly ? classes["readOnly"] : "",
  ];
  return <div ref={place} className={look.join(" ")} />;
}

function attributesOf(label: string, isInvalid: boolean, describedBy: string | undefined) {
  return EditorView.contentAttributes.of({
    "aria-label": label,
    ...(isInvalid && { "aria-invalid": "true" }),
    ...(describedBy !== undefined && { "aria-describedby": describedBy }),
  });
}

/** Bring in a text from outside, by as small a change as can be: the cursor stays where it is. */
function replace(view: EditorView, text: string): void {
  const before = view.state.doc.toString();
  if (before === text) return;
  let from = 0;
  const least = Math.min(before.length, text.length);
  while (from < least && before[from] === text[from]) from += 1;
  let same = 0;
  while (same < least - from && before.at(-1 - same) === text.at(-1 - same)) same += 1;
  view.dispatch({
    changes: { from, to: before.length - same, insert: text.slice(from, text.length - same) },
    annotations: FROM_OUTSIDE.of(true),
  });
}

function diagnostics(doc: Text, problems: readonly TextProblem[]): Diagnostic[] {
  return problems.map(({ line, column, message }) => {
    const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const indent = text.length - text.trimStart().length;
    const begin = Math.min(column === undefined ? from + indent : from + column - 1, to);
    return { from: begin, to: Math.max(to, begin), severity: "error" as const, message };
  });
}
