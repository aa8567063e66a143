import type { SchemaFaultView, SchemaFormFieldView } from "@/api/schema";

/** What JSON can say. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = Readonly<Record<string, Json>>;

/** A JSON Schema as plugins give it. */
export type Schema = JsonObject;

/** What is wrong at one place of a value. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type KnownKind =
  | "input"
  | "constant"
  | "computed"
  | "lazy"
  | "export"
  | "node"
  | "output"
  | "system"
  | "secret"
  | "project"
  | "item";

/** One name that an expression may use; what stands below it is reached with a dot. */
export interface KnownName {
  readonly name: string;
  readonly kind: KnownKind;
  /** Type, title or value, for people to tell it by. */
  readonly detail?: string;
  readonly below?: readonly KnownName[];
}

/** What is known at one place of a flow. */
export interface Scope {
  readonly names: readonly KnownName[];
}

export const NOTHING_KNOWN: Scope = { names: [] };

export type CodeLanguage = "yaml" | "json" | "expression" | "template" | "text";

/** What is wrong at a place of a text: a line and a column from 1, or a whole line. */
export interface TextProblem {
  readonly line: number;
  readonly column?: number | undefined;
  readonly message: string;
}

export interface CodeFieldProps {
  /** What the field is called, for those who do not see it. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** "expression" is what stands between `${` and `}`; "template" is text with `${...}` in it. */
  readonly language: CodeLanguage;
  readonly scope?: Scope | undefined;
  readonly problems?: readonly TextProblem[] | undefined;
  readonly readOnly?: boolean | undefined;
  readonly placeholder?: string | undefined;
  /** Enter leaves it as it is, and it looks like other fields of one line. */
  readonly oneLine?: boolean | undefined;
  /** It takes the height of what it stands in; otherwise it grows with its text. */
  readonly fill?: boolean | undefined;
  readonly isInvalid?: boolean | undefined;
  /** Id of what describes it. */
  readonly describedBy?: string | undefined;
  /** The line, from 1, that is to be shown; a new object shows it again. */
  readonly shown?: { readonly line: number } | undefined;
  /** The line, from 1, in which the cursor has come to stand. */
  readonly onLine?: ((line: number) => void) | undefined;
}

export interface ExpressionFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly scope: Scope;
  /** "template" (left out: this) is text with `${...}`; "expression" stands without them. */
  readonly language?: "template" | "expression";
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly required?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
}

export interface SchemaFormProps {
  /** Tells one form of a page from another. */
  readonly id: string;
  readonly schema: Schema;
  readonly values: JsonObject;
  /** Gets the values as a whole; what was left empty is not in them. */
  readonly onChange: (values: JsonObject) => void;
  /** Fields may be switched to `${...}`, with what is known here to complete it. */
  readonly scope?: Scope | undefined;
  readonly problems?: readonly FieldProblem[] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** One field of a form of inputs, as the API tells it of a version. */
export type { SchemaFormFieldView as InputField } from "@/api/schema";

export type { SchemaFaultView as Fault } from "@/api/schema";

export interface InputsFormProps {
  readonly fields: readonly SchemaFormFieldView[];
  /** What is given by name; an input that is not in it has its default. */
  readonly values: JsonObject;
  readonly onChange: (values: JsonObject) => void;
  /** Names of inputs that nobody is asked for as things stand, as actions/check-inputs says. */
  readonly hidden?: ReadonlySet<string> | undefined;
  /** What is wrong with them; places begin with the name of the input. */
  readonly problems?: readonly FieldProblem[] | undefined;
  /** Names of the project's secrets, to choose from for a password. */
  readonly secrets?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
}

/** Return what is wrong below a place of a request, such as body.inputs, by its place there. */
export function problemsBelow(
  faults: readonly SchemaFaultView[],
  ...place: readonly string[]
): FieldProblem[] {
  return faults
    .filter((fault) => place.every((part, index) => fault.loc[index] === part))
    .map((fault) => ({ path: fault.loc.slice(place.length), message: fault.msg }));
}
