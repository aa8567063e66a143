import { expect, test } from "vitest";
import type { SchemaInstanceSummaryView } from "@/api/schema";
import { longest } from "./longest";

const NOW = new Date("2026-03-04T12:00:00Z");

function row(id: string, minutes: number | null): SchemaInstanceSummaryView {
  const at = minutes === null ? null : new Date(NOW.getTime() - minutes * 60_000).toISOString();
  return { instance_id: id, started_at: at } as SchemaInstanceSummaryView;
}

test("the longest come first; what is quick or has not begun is no part of it", () => {
  const rows = [row("quick", 1), row("long", 60), row("longer", 600), row("waits", null)];

  expect(longest(rows, 5, NOW).map((one) => one.instance_id)).toEqual(["longer", "long"]);
  expect(longest(rows, 1, NOW).map((one) => one.instance_id)).toEqual(["longer"]);
});
