/** What was there before, to go back to, and what was taken back, to have again. */

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Under which steps are one as long as they follow each other at once: typing in one field. */
  readonly merge: string | null;
  readonly at: number;
}

/** Most steps that can be taken back. */
const MOST = 200;
/** Steps of one kind that are farther apart are two. */
const PAUSE_MS = 1500;

export function begun<T>(present: T): History<T> {
  return { past: [], present, future: [], merge: null, at: -Infinity };
}

export function stepped<T>(
  history: History<T>,
  present: T,
  merge: string | null,
  at: number,
): History<T> {
  if (present === history.present) return history;
  const isOne = merge !== null && merge === history.merge && at - history.at <= PAUSE_MS;
  const past = isOne ? history.past : [...history.past, history.present].slice(-MOST);
  return { past, present, future: [], merge, at };
}

export function undone<T>(history: History<T>): History<T> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present,
    future: [history.present, ...history.future],
    merge: null,
    at: -Infinity,
  };
}

export function redone<T>(history: History<T>): History<T> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  const past = [...history.past, history.present];
  return { past, present, future, merge: null, at: -Infinity };
}
