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
