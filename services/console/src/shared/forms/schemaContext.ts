import { createContext, useContext } from "react";
import type { Scope } from "./types";

/** What every field of a form has to know. */
export interface FormFacts {
  /** Null where no expressions may be written. */
  readonly scope: Scope | null;
  /** What is wrong, by place: the parts of the path, as JSON. */
  readonly problems: ReadonlyMap<string, string>;
  readonly readOnly: boolean;
}

export const FormContext = createContext<FormFacts>({
  scope: null,
  problems: new Map(),
  readOnly: false,
});

export function useFormFacts(): FormFacts {
  return useContext(FormContext);
}

export function placeOf(path: readonly (string | number)[]): string {
  return JSON.stringify(path);
}
