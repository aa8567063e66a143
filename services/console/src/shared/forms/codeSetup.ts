import type { CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { EditorState, Facet } from "@codemirror/state";
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { offersAt } from "./completion";
import type { CodeLanguage, Scope } from "./types";
import { NOTHING_KNOWN } from "./types";

/** What is known where the text stands. */
export const knownHere = Facet.define<Scope, Scope>({
  combine: (given) => given[0] ?? NOTHING_KNOWN,
});

const EXPRESSION = new MatchDecorator({
  regexp: /(?<!\$)\$\{(?:[^{}"']|"[^"]*"|'[^']*'|\{[^{}]*\})*\}/g,
  decoration: Decoration.mark({ class: "cm-expression" }),
});

const EXPRESSIONS = ViewPlugin.define(
  (view) => ({
    marks: EXPRESSION.createDeco(view),
    update(change) {
      this.marks = EXPRESSION.updateDeco(change, this.marks);
    },
  }),
  { decorations: (plugin) => plugin.marks },
);

/** Return what makes a text one of a language. */
export function languageOf(language: CodeLanguage): Extension {
  const marked: Extension[] = language === "text" || language === "expression" ? [] : [EXPRESSIONS];
  if (language === "yaml") return [yaml(), indentUnit.of("  "), marked];
  if (language === "json") return [json(), indentUnit.of("  "), marked];
  return marked;
}

export function completionOf(language: CodeLanguage): Extension {
  if (language === "text") return [];
  const source: CompletionSource = (context): CompletionResult | null => {
    const kind = language === "expression" ? "expression" : "template";
    // Of a long text, only the lines around the cursor can hold the expression.
    const begin = context.state.doc.line(
      Math.max(context.state.doc.lineAt(context.pos).number - 5, 1),
    ).from;
    const text = context.state.sliceDoc(
      begin,
      Math.min(context.pos + 200, context.state.doc.length),
    );
    const scope = context.state.facet(knownHere);
    const offers = offersAt(text, context.pos - begin, kind, scope);
    if (offers === null) return null;
    const start = offers.from + begin;
    return {
      from: offers.word + begin,
      options: offers.options.map(({ label, apply, kind: type, detail }, at) => ({
        label,
        apply: (view, _completion, _from, to) => complete(view, apply, start, to),
        type,
        boost: -at / 10,
        ...(detail !== undefined && { detail: detail.slice(0, 40) }),
      })),
      validFor: /^[\w-]*$/,
    };
  };
  return autocompletion({ override: [source], icons: false });
}

function complete(view: EditorView, apply: string, from: number, to: number): void {
  view.dispatch({
    changes: { from, to, insert: apply },
    selection: { anchor: from + apply.length },
    userEvent: "input.complete",
  });
}

/** In a field of one line, Enter is the form's; a line break is asked for with Shift. */
const ONE_LINE = keymap.of([
  { key: "Enter", run: () => true },
  {
    key: "Shift-Enter",
    run: (view) => {
      view.dispatch(view.state.replaceSelection("\n"));
      return true;
    },
  },
]);

export interface Setup {
  readonly language: CodeLanguage;
  readonly oneLine: boolean;
  readonly nonce: string;
  readonly readOnly: boolean;
}

/** Return what a field consists of, besides its text and what is wrong with it. */
export function setupOf({ language, oneLine, nonce, readOnly }: Setup): Extension {
  const isDocument = !oneLine && (language === "yaml" || language === "json");
  return [
    EditorView.cspNonce.of(nonce),
    // Accepting what is offered goes before what the keys do otherwise.
    keymap.of([{ key: "Enter", run: acceptCompletion }]),
    keymap.of(completionKeymap),
    oneLine ? ONE_LINE : [],
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    syntaxHighlighting(classHighlighter),
    EditorView.lineWrapping,
    isDocument ? [lineNumbers(), foldGutter(), lintGutter(), highlightActiveLine()] : [],
    isDocument ? [highlightSelectionMatches(), keymap.of(searchKeymap)] : [],
    // Tab leaves fields; only a document, which Escape leaves, indents with it.
    isDocument ? keymap.of([indentWithTab]) : [],
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
    languageOf(language),
    completionOf(language),
    EditorState.readOnly.of(readOnly),
    EditorView.editable.of(!readOnly),
  ];
}
