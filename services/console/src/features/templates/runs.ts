import type { FlowNode } from "@/canvas/flow";

/** Where what a node runs is described. */
export type Place =
  | { readonly kind: "plugin"; readonly name: string; readonly version: string }
  | { readonly kind: "template"; readonly project: string; readonly template: string };

/** Return where what a node runs is described; null for what runs nothing that is named. */
export function placeOf(node: Pick<FlowNode, "kind" | "subtitle">, project: string): Place | null {
  const [reference = "", version] = node.subtitle.split("@");
  if (reference === "") return null;
  if (node.kind === "subflow") {
    const [first = "", second] = reference.split("/");
    return second === undefined
      ? { kind: "template", project, template: first }
      : { kind: "template", project: first, template: second };
  }
  if (version === undefined) return null;
  return { kind: "plugin", name: reference, version };
}
