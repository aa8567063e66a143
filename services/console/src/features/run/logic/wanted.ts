import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";

/** Return the nodes of an instance that go on only once a person has done something. */
export function wantedOf(view: SchemaInstanceView): readonly SchemaNodeView[] {
  return view.nodes.filter((node) => {
    if (node.reason === "incident" || node.reason === "approval") return true;
    const child = node.reason === "child" ? node.attempts.at(-1)?.child?.status : undefined;
    return child === "failed" || child === "paused";
  });
}
