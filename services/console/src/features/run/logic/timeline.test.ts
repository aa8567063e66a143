import { expect, test } from "vitest";
import { attempt, instance, node } from "./made";
import { percent, piecesOf, spanOf, steadyEnd, ticksOf, timelineOf } from "./timeline";

const at = (second: number) => new Date(Date.UTC(2026, 2, 4, 12, 0, second)).toISOString();
const ms = (second: number) => Date.parse(at(second));

function said(pieces: ReturnType<typeof piecesOf>): string[] {
  return pieces.map(({ phase, from, to }) => {
    const begin = (from - ms(0)) / 1000;
    return `${phase} ${begin}-${to === null ? "" : (to - ms(0)) / 1000}`;
  });
}

test("an attempt is queued, handed out, then runs", () => {
  const done = attempt(1, {
    opened_at: at(0),
    dispatched_at: at(2),
    started_at: at(3),
    closed_at: at(9),
  });

  expect(said(piecesOf(node("a"), done))).toEqual(["queued 0-2", "dispatched 2-3", "running 3-9"]);
});

test("one with waits shows them between its first begin and its last step", () => {
  const waited = attempt(1, {
    step: 1,
    opened_at: at(0),
    started_at: at(1),
    dispatched_at: at(8),
    closed_at: at(9),
  });

  expect(said(piecesOf(node("a"), waited))).toEqual(["queued 0-1", "waiting 1-8", "running 8-9"]);
});

test("what goes on has no end", () => {
  const open = { opened_at: at(0), dispatched_at: at(1), started_at: at(2) };

  expect(said(piecesOf(node("a", { status: "running" }), attempt(1, open))).at(-1)).toBe(
    "running 2-",
  );
  expect(said(piecesOf(node("a", { status: "waiting" }), attempt(1, open))).at(-1)).toBe(
    "waiting 2-",
  );
  expect(said(piecesOf(node("a"), attempt(1, { opened_at: at(0) })))).toEqual(["queued 0-"]);
});

test("a subflow and a map wait all the time", () => {
  const own = attempt(1, { opened_at: at(0), started_at: at(0), closed_at: at(5) });

  expect(said(piecesOf(node("a", { kind: "map" }), own))).toEqual(["waiting 0-5"]);
});

test("clocks that differ make no piece end before it begins", () => {
  const skewed = attempt(1, {
    opened_at: at(5),
    dispatched_at: at(4),
    started_at: at(6),
    closed_at: at(5),
  });

  for (const { from, to } of piecesOf(node("a"), skewed)) expect(to).toBeGreaterThanOrEqual(from);
});

test("rows come in the order in which nodes were reached, with what belongs to them below", () => {
  const reached = (id: string, second: number, fields = {}) =>
    node(id, { reached_at: at(second), ended_at: at(second + 1), status: "succeeded", ...fields });
  const view = instance([
    reached("b", 5),
    reached("a", 1, { kind: "map" }),
    reached("a:10", 2, { parent: "a" }),
    reached("a:2", 2, { parent: "a" }),
    node("never"),
  ]);

  expect(timelineOf(view).map((row) => `${row.id} ${row.depth}`)).toEqual([
    "a 0",
    "a:2 1",
    "a:10 1",
    "b 0",
  ]);
});

test("a row that has not changed is the same one", () => {
  const first = node("a", { reached_at: at(0) });
  const [before] = timelineOf(instance([first]));
  const [after] = timelineOf(instance([first, node("b", { reached_at: at(3) })], { revision: 2 }));

  expect(after).toBe(before);
});

test("the span holds everything, until now while it goes on", () => {
  const rows = timelineOf(instance([node("a", { reached_at: at(3), ended_at: at(20) })]));
  const begun = { started_at: at(2) };

  expect(spanOf(instance([], begun), rows, ms(10))).toEqual({ from: ms(2), to: ms(20) });
  expect(spanOf(instance([], begun), rows, ms(30))).toEqual({ from: ms(2), to: ms(30) });
  expect(spanOf(instance([], { ...begun, ended_at: at(25) }), rows, ms(90)).to).toBe(ms(25));
});

test("a scale has round steps, and no more than asked for", () => {
  const ticks = ticksOf({ from: 0, to: 61_000 }, 8);

  expect(ticks.slice(0, 3)).toEqual([0, 10_000, 20_000]);
  expect(ticks.length).toBeLessThanOrEqual(8);
  expect(percent({ from: 100, to: 300 }, 150)).toBe(25);
});

test("the end of a running chart moves seldom and is never in the past", () => {
  const ends = Array.from({ length: 100 }, (_, second) => steadyEnd(0, 100_000 + second * 1000));

  expect(new Set(ends).size).toBeLessThan(5);
  ends.forEach((end, second) => expect(end).toBeGreaterThan(100_000 + second * 1000));
});
