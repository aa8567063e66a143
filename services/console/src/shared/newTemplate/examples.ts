import { parseDocument } from "yaml";
import approval from "./examples/approval.yaml?raw";
import hello from "./examples/hello.yaml?raw";
import parallel from "./examples/parallel.yaml?raw";
import type { Example } from "./create";

const TEXTS: Record<Example, string> = { hello, approval, parallel };

/** Return an example under another key and title; its comments stay. */
export function exampleSource(example: Example, key: string, title: string): string {
  const document = parseDocument(TEXTS[example]);
  document.set("key", key);
  document.set("title", title);
  return document.toString({ lineWidth: 0 });
}
