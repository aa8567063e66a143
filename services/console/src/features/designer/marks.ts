import type { SchemaFaultView } from "@/api/schema";
import type { Flow } from "@/canvas/flow";
import type { NodeLook } from "@/shared/graph/types";

export interface Mark {
  readonly node: string | null;
  readonly message: string;
  readonly code: string;
  readonly line: number | null;
}

/** Return what is wrong, the most telling first: a node that leads nowhere is told so, not of `next`. */
export function marksOf(flow: Flow, faults: readonly SchemaFaultView[]): Mark[] {
  const open = new Set(flow.nodes.filter((node) => isOpen(node)).map((node) => node.id));
  const told = faults
    .filter((fault) => !(open.has(fault.node_id ?? "") && isOfNext(fault)))
    .map((fault) => ({
      node: fault.node_id ?? nodeAt(flow, fault.loc),
      message: fault.msg,
      code: codeOf(flow, fault),
      line: fault.line ?? null,
    }));
  const leading = [...open].map((node) => ({
    node,
    message: "",
    code: "leads_nowhere",
    line: null,
  }));
  return [...leading, ...told];
}

/** What is wrong with every flow until something is drawn: nobody has to be told of it before. */
export const NOTHING_DRAWN = "nothing_drawn";

function codeOf(flow: Flow, { loc, type }: SchemaFaultView): string {
  const isEmpty = flow.nodes.length === 0 && type === "missing_key" && loc.at(-1) === "nodes";
  return isEmpty ? NOTHING_DRAWN : type;
}

function isOpen({ kind, next, branches }: Flow["nodes"][number]): boolean {
  if (kind === "broken") return false;
  return branches === null ? next === null : branches.length === 0;
}

function isOfNext({ loc, type }: SchemaFaultView): boolean {
  return loc.at(-1) === "next" || type === "dangling_node" || isEmptyGateway(loc, type);
}

function isEmptyGateway(loc: SchemaFaultView["loc"], type: string): boolean {
  const key = loc.at(-1);
  return (
    type === "missing_key" &&
    (key === "exclusive" || key === "parallel" || key === "conditional_parallel")
  );
}

/** Return the node at an index of the definition's list, for faults that name none. */
function nodeAt(flow: Flow, loc: SchemaFaultView["loc"]): string | null {
  const at = loc.indexOf("nodes");
  const index = at < 0 ? undefined : loc[at + 1];
  return typeof index === "number" ? (flow.nodes[index]?.id ?? null) : null;
}

/** Return how nodes with problems look. */
export function looksOf(
  marks: readonly Mark[],
  words: (mark: Mark) => string,
): Readonly<Record<string, NodeLook>> {
  const looks: Record<string, NodeLook> = {};
  for (const mark of marks) {
    if (mark.node === null) continue;
    const before = looks[mark.node]?.problem;
    const said = words(mark);
    looks[mark.node] = { problem: before === undefined ? said : `${before}\n${said}` };
  }
  return looks;
}
