import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "./connection";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a lost connection is asked about until it is back", async () => {
  const answers = [false, false, true];
  const connection = new Connection(() => Promise.resolve(answers.shift() ?? true));
  const told: boolean[] = [];
  connection.subscribe(() => told.push(connection.isLost()));

  connection.lost();
  connection.lost();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(told).toEqual([true, false]);
  expect(answers).toEqual([]);
});

test("whoever waits for it goes on when it is back", async () => {
  const connection = new Connection(() => Promise.resolve(true));
  connection.lost();
  let isOver = false;
  const waiting = connection.whenFound().then(() => (isOver = true));

  const before = isOver;
  await vi.advanceTimersByTimeAsync(60_000);
  await waiting;

  expect(before).toBe(false);
  expect(isOver).toBe(true);
  await connection.whenFound();
});

test("an answer to anything ends it at once, and nothing is asked any more", async () => {
  let asked = 0;
  const connection = new Connection(() => Promise.resolve((asked += 1) < 0));
  connection.lost();

  connection.found();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(connection.isLost()).toBe(false);
  expect(asked).toBe(0);
});
