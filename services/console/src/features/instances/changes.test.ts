import { expect, test } from "vitest";
import type { SchemaInstanceView } from "@/api/schema";
import type { InstanceChange } from "./changes";
import { changed } from "./changes";

const node = (id: string, status: string) => ({ node_id: id, status });
const VIEW = {
  name: "Release",
  revision: 3,
  status: "running",
  nodes: [node("start", "succeeded"), node("build", "running")],
} as unknown as SchemaInstanceView;

function change(revision: number, ...nodes: object[]): InstanceChange {
  return { revision, status: "failed", nodes } as unknown as InstanceChange;
}

test("a change takes the place of what it names and leaves the rest", () => {
  const after = changed(VIEW, change(4, node("build", "failed"), node("build:1", "running")));

  expect(after).toMatchObject({ name: "Release", revision: 4, status: "failed" });
  expect(after.nodes.map((one) => `${one.node_id} ${one.status}`)).toEqual([
    "start succeeded",
    "build failed",
    "build:1 running",
  ]);
});

test("a change that is repeated or late changes nothing", () => {
  expect(changed(VIEW, change(3, node("build", "failed")))).toBe(VIEW);
});
