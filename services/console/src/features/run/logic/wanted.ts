import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import { isItem } from "./items";

/**
 * Return the nodes of an instance that go on only once a person has done something.
 *
 * A failed item of a map is none: the map goes on, or has failed itself and takes it up again.
 */
export function wantedOf(view: SchemaInstanceView): readonly SchemaNodeView[] {
  return view.nodes.filter((node) => {
    if (node.reason === "approval") return true;
    if (node.reason === "incident") return !isItem(node.node_id);
    const child = node.reason === "child" ? node.attempts.at(-1)?.child?.status : undefined;
    return child === "failed" || child === "paused";
  });
}
