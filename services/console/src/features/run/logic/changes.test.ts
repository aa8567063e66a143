import { expect, test } from "vitest";
import type { SchemaInstanceView } from "@/api/schema";
import type { InstanceChange } from "./changes";
import { changed, later, nodesOf } from "./changes";

const node = (id: string, status: string) => ({
  node_id: id,
  status,
  has_breakpoint: false,
  allowed: ["pause"],
});
const VIEW = {
  name: "Release",
  revision: 3,
  status: "running",
  nodes: [node("start", "succeeded"), node("build", "running")],
} as unknown as SchemaInstanceView;

function change(revision: number, ...nodes: object[]): InstanceChange {
  return { revision, status: "failed", breakpoints: [], nodes } as unknown as InstanceChange;
}

test("a change takes the place of what it names and leaves the rest", () => {
  const after = changed(VIEW, change(4, node("build", "failed"), node("build:1", "running")));

  expect(after).toMatchObject({ name: "Release", revision: 4, status: "failed" });
  expect(after.nodes.map((one) => `${one.node_id} ${one.status}`)).toEqual([
    "start succeeded",
    "build failed",
    "build:1 running",
  ]);
  expect(after.nodes[0]).toBe(VIEW.nodes[0]);
});

test("a change that is repeated or late changes nothing", () => {
  expect(changed(VIEW, change(3, node("build", "failed")))).toBe(VIEW);
});

test("a stop at a node that was not reached is known by the head of the change", () => {
  const pending = { ...VIEW, nodes: [node("later", "pending")] } as unknown as SchemaInstanceView;

  const set = changed(pending, { ...change(4), breakpoints: ["later"] });
  const taken = changed(set, change(5));

  expect(set.nodes[0]).toMatchObject({ has_breakpoint: true, allowed: ["resume"] });
  expect(taken.nodes[0]).toMatchObject({ has_breakpoint: false, allowed: ["pause"] });
});

test("a reading that was overtaken by the stream is dropped", () => {
  const read = (revision: number) => ({ ...VIEW, revision });

  expect(later(VIEW, read(2))).toBe(VIEW);
  expect(later(VIEW, read(4)).revision).toBe(4);
  expect(later(undefined, VIEW)).toBe(VIEW);
});

test("nodes are found by their ids", () => {
  expect(nodesOf(VIEW).get("build")?.status).toBe("running");
  expect(nodesOf(VIEW)).toBe(nodesOf(VIEW));
});
