import { useSyncExternalStore } from "react";

/** One timer for all times on a page: hundreds of their own would wake the browser all the time. */
const PAUSE_MS = 1000;

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, PAUSE_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Return what a function makes of the present time; drawn anew only when that changes. */
export function useNow<T extends string | number | boolean>(read: (now: Date) => T): T {
  return useSyncExternalStore(subscribe, () => read(new Date(now)));
}
