import { expect, test } from "vitest";
import type { SchemaCommandView } from "@/api/schema";
import { happeningsOf } from "./history";
import { attempt, instance, node } from "./made";

const failure = { code: "full", message: "The disk is full" };
const failed = (minute: number) =>
  attempt(minute, { failure, closed_at: `2026-03-04T12:0${minute}:00Z`, status: "failed" });
const command = (minute: number, kind: string) =>
  ({ created_at: `2026-03-04T12:0${minute}:30Z`, kind }) as unknown as SchemaCommandView;

const VIEW = instance([node("a", { attempts: [failed(1), failed(3)] }), node("b")], {
  ended_at: "2026-03-04T12:09:00Z",
  status: "failed",
});

test("failures and the end stand among what was asked for, the latest first", () => {
  const found = happeningsOf(VIEW, [command(2, "retry"), command(0, "start")], true);

  expect(found.map((one) => (one.kind === "asked" ? one.command.kind : one.kind))).toEqual([
    "ended",
    "failed",
    "retry",
    "failed",
    "start",
  ]);
});

test("what is older than what was read of the commands is left for the pages that follow", () => {
  const found = happeningsOf(VIEW, [command(2, "retry")], false);

  expect(found.map(({ kind }) => kind)).toEqual(["ended", "failed", "asked"]);
});
