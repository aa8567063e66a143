import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "./throttle";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first call is carried out at once, and many more as one behind it", () => {
  let calls = 0;
  const call = throttle(() => (calls += 1), 1000);

  for (let count = 0; count < 50; count += 1) call();
  const atOnce = calls;
  vi.advanceTimersByTime(10_000);

  expect(atOnce).toBe(1);
  expect(calls).toBe(2);
});

test("what is cancelled is not carried out any more", () => {
  let calls = 0;
  const call = throttle(() => (calls += 1), 1000);
  call();
  call();

  call.cancel();
  vi.advanceTimersByTime(10_000);

  expect(calls).toBe(1);
});

test("what takes longer than a pause is not begun again before it has ended", async () => {
  const ends: (() => void)[] = [];
  const call = throttle(() => new Promise<void>((resolve) => ends.push(resolve)), 1000);
  call();
  call();

  await vi.advanceTimersByTimeAsync(10_000);
  const meanwhile = ends.length;
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);

  expect([meanwhile, ends.length]).toEqual([1, 2]);
});

test("what was cancelled while it went on is begun anew by itself alone", async () => {
  const ends: (() => void)[] = [];
  const call = throttle(() => new Promise<void>((resolve) => ends.push(resolve)), 1000);
  call();
  await vi.advanceTimersByTimeAsync(5000);

  call.cancel();
  call();
  call();
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);

  expect(ends.length).toBe(2);
});
