import { expect, test } from "vitest";
import { placeOf } from "./runs";

test.each([
  ["activity", "http_request@1.0", { kind: "plugin", name: "http_request", version: "1.0" }],
  ["subflow", "backup@3", { kind: "template", project: "shop", template: "backup" }],
  ["subflow", "platform/backup", { kind: "template", project: "platform", template: "backup" }],
  ["exclusive", "", null],
  ["activity", "nonsense", null],
] as const)("what a node %s runs as %j is described at %j", (kind, subtitle, place) => {
  expect(placeOf({ kind, subtitle }, "shop")).toEqual(place);
});
