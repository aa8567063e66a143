import { END, START } from "@/canvas/flow";
import type { Flow } from "@/canvas/flow";
import type { Size } from "@/canvas/size";
import { sizeOf } from "@/canvas/size";
import type { EdgeLook, NodeLook } from "@/shared/graph/types";
import { itemsOf } from "./items";
import type { Picture, Placed } from "./layers";
import { canOpen } from "./layers";

/** What a drawing says in words, in the reader's language. */
export interface LookWords {
  readonly leftOut: string;
  readonly breakpoint: string;
  readonly mark: (mark: string) => string;
  readonly reason: (reason: string) => string;
}

export type Looks = Readonly<Record<string, NodeLook>>;

/** Remembers how nodes look: what looks as before is the same object, and is not drawn again. */
export class LookBook {
  #before: Looks = {};

  /** Return how each node of a picture looks, by its id on the canvas. */
  looks(picture: Picture, ids: ReadonlyMap<string, string>, words: LookWords): Looks {
    const looks: Record<string, NodeLook> = {};
    for (const one of picture.nodes.values()) {
      const id = ids.get(one.place) ?? one.place;
      const look = lookOf(one, words);
      const known = this.#before[id];
      looks[id] = known !== undefined && isSame(known, look) ? known : look;
    }
    this.#before = looks;
    return looks;
  }
}

export function lookOf(one: Placed, words: LookWords): NodeLook {
  const { node } = one;
  if (one.isLeftOut) return { status: words.leftOut, isFaint: true };
  if (node === null) return {};
  const badge = badgeOf(one, words);
  return {
    // What has not been reached is plain: a word on each would hide those that matter.
    ...(node.status !== "pending" && { status: node.status }),
    ...(node.reason !== null && { detail: words.reason(node.reason) }),
    ...(node.status === "failed" && node.failure !== null && { problem: node.failure.message }),
    ...(badge !== "" && { badge }),
    ...(node.status === "skipped" && { isFaint: true }),
  };
}

function badgeOf({ node, layer, vertex }: Placed, words: LookWords): string {
  if (node === null || layer.run === null) return "";
  const parts: string[] = [];
  if (vertex.kind === "map" && node.reached_at !== null) {
    const { ended, total } = itemsOf(layer.run.instance, node.node_id, node);
    parts.push(`${ended}/${total}`);
  }
  if (vertex.kind !== "map" && node.attempts.length > 1) parts.push(`×${node.attempts.length}`);
  if (node.has_breakpoint) parts.push(words.breakpoint);
  if (node.mark !== null) parts.push(words.mark(node.mark));
  return parts.join(" · ");
}

function isSame(one: NodeLook, other: NodeLook): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof NodeLook>;
  return [...keys].every((key) => one[key] === other[key]);
}

const TAKEN: EdgeLook = { isTaken: true };
const FAINT: EdgeLook = { isFaint: true };

/** Return how each edge looks: whether a token seems to have gone that way. */
export function edgeLooksOf(
  flow: Flow,
  picture: Picture,
  ids: ReadonlyMap<string, string>,
): Readonly<Record<string, EdgeLook>> {
  const byId = new Map(
    [...picture.nodes.values()].map((one) => [ids.get(one.place) ?? one.place, one]),
  );
  const looks: Record<string, EdgeLook> = {};
  for (const { id, source, target, isBack } of flow.edges) {
    const from = byId.get(source);
    const to = byId.get(target);
    if (from?.isLeftOut === true || to?.isLeftOut === true) looks[id] = FAINT;
    else if (isPassed(from) && isReached(to, isBack === true)) looks[id] = TAKEN;
  }
  return looks;
}

function isPassed(one: Placed | undefined): boolean {
  if (one === undefined) return false;
  return one.isOpen || ["succeeded", "skipped"].includes(one.node?.status ?? "");
}

function isReached(one: Placed | undefined, isBack: boolean): boolean {
  if (isBack) return (one?.node?.visits ?? 0) > 1;
  return (one?.node?.reached_at ?? null) !== null;
}

/** Room below a subflow's name for what opens it, and below a map's for its items, in pixels. */
const STRIP = 34;
const GRID = 50;

/** Most items that are drawn one by one within a map: two lines of them. */
export const MOST_CELLS = 24;

/**
 * Return how large nodes are drawn that hold more than their name.
 *
 * It does not depend on how the instance stands: a drawing that moves while it is looked at is worse
 * than some room to spare.
 */
export function sizesOf(picture: Picture): Readonly<Record<string, Size>> {
  const sizes: Record<string, Size> = {};
  for (const one of picture.nodes.values()) {
    const { width, height } = sizeOf(one.vertex.kind);
    if (one.vertex.kind === "map") sizes[one.place] = { width, height: height + GRID };
    else if (canOpen(one)) sizes[one.place] = { width, height: height + STRIP };
  }
  return sizes;
}

/** Return the place that a node of the canvas stands for. */
export function placeOfCanvas(id: string, ids: ReadonlyMap<string, string>): string {
  if (id !== START && id !== END) return id;
  return [...ids].find(([, canvas]) => canvas === id)?.[0] ?? id;
}
