import { Suspense } from "react";
import { lazily } from "@/shared/lazily";
import classes from "./forms.module.css";
import type { CodeFieldProps } from "./types";

const CodeEditor = lazily(async () => (await import("./CodeEditor")).CodeEditor);

/** A text in a language, with its problems at their lines and completion of what is known. */
export function CodeField(props: CodeFieldProps) {
  return (
    <Suspense fallback={<pre className={classes["waiting"]}>{props.value}</pre>}>
      <CodeEditor {...props} />
    </Suspense>
  );
}
