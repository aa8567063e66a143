import { expect, test } from "vitest";
import { instance, node } from "./made";
import {
  canRerunFrom,
  isAtOnce,
  isFinal,
  nodeVerbs,
  readObject,
  runVerbs,
  secondsOf,
} from "./operations";

test("only what the API allows is offered, what people come for first", () => {
  const failed = node("a", { allowed: ["skip", "force-succeed", "retry", "unheard-of"] });

  expect(nodeVerbs(failed)).toEqual(["retry", "skip", "force-succeed"]);
  expect(nodeVerbs(null)).toEqual([]);
  expect(runVerbs(instance([], { allowed: ["cancel", "pause", "clone"] }))).toEqual([
    "pause",
    "clone",
    "cancel",
  ]);
});

test("what cannot be undone is never carried out at once", () => {
  const verbs = [...runVerbs(instance([], { allowed: ["start", "pause", "resume", "cancel"] }))];

  expect(verbs.filter(isAtOnce)).toEqual(["start", "resume", "pause"]);
  expect(verbs.filter(isFinal)).toEqual(["cancel"]);
  expect(verbs.some((verb) => isAtOnce(verb) && isFinal(verb))).toBe(false);
});

test("a rerun begins at nodes of the flow itself, once it is allowed", () => {
  const over = instance([], { allowed: ["rerun"] });

  expect(canRerunFrom(over, node("build"))).toBe(true);
  expect(canRerunFrom(over, node("build.inner"))).toBe(false);
  expect(canRerunFrom(over, node("build:3"))).toBe(false);
  expect(canRerunFrom(over, node("start", { kind: "start" }))).toBe(false);
  expect(canRerunFrom(instance([]), node("build"))).toBe(false);
});

test("only a JSON object passes for inputs", () => {
  expect(readObject('{"a": 1}')).toEqual({ value: { a: 1 } });
  expect(readObject("[1]")).toEqual({ problem: "" });
  expect(readObject("null")).toEqual({ problem: "" });
  expect(readObject("{a}")).toHaveProperty("problem", expect.stringMatching(/./));
});

test("a time is read as people write it", () => {
  expect([secondsOf("90"), secondsOf("1h 30m"), secondsOf("0.5s"), secondsOf("2D")]).toEqual([
    90, 5400, 0.5, 172_800,
  ]);
  expect([secondsOf(""), secondsOf("soon"), secondsOf("-1"), secondsOf("5w")]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
