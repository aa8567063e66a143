/** A function that is called at most once per pause: at once, and again when more came meanwhile. */
export interface Throttled {
  (): void;
  /** Forget what has not been called yet. */
  cancel: () => void;
}

export function throttle(call: () => void, pauseMs: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const run = () => {
    isWanted = false;
    call();
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) run();
    }, pauseMs);
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
