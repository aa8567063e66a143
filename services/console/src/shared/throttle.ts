/**
 * A function that is called at most once per pause: at once, and again when more came meanwhile.
 *
 * What takes longer than a pause is not begun again before it has ended.
 */
export interface Throttled {
  (): void;
  /** Forget what has not been called yet. */
  cancel: () => void;
}

export function throttle(call: () => unknown, pauseMs: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const run = () => {
    isWanted = false;
    const done = call();
    const next = () => {
      // Whoever has cancelled it may have begun anew.
      if (timer !== own) return;
      timer = undefined;
      if (isWanted) run();
    };
    const own = setTimeout(() => {
      if (done instanceof Promise) void done.finally(next);
      else next();
    }, pauseMs);
    timer = own;
  };
  const throttled = () => {
    if (timer === undefined) run();
    else isWanted = true;
  };
  throttled.cancel = () => {
    clearTimeout(timer);
    timer = undefined;
    isWanted = false;
  };
  return throttled;
}
