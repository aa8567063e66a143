/**
 * Whether the API can be reached.
 *
 * Every request tells. While it cannot, it is asked every few seconds whether it is back, so that
 * an open page goes on by itself.
 */

export type Ping = () => Promise<boolean>;

/** Between two questions: short enough for who waits, long enough for who restarts. */
const PAUSE_MS = 2000;

export class Connection {
  #isLost = false;
  #asking: ReturnType<typeof setTimeout> | undefined;
  readonly #ping: Ping;
  readonly #listeners = new Set<() => void>();

  constructor(ping: Ping) {
    this.#ping = ping;
  }

  /** Whether the last request found nobody. */
  readonly isLost = (): boolean => this.#isLost;

  /** Have a function called whenever that changes; returns how to end it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Note that nobody answered. */
  lost(): void {
    this.#set(true);
    this.#asking ??= setTimeout(() => void this.#ask(), PAUSE_MS);
  }

  /** Note that somebody answered. */
  found(): void {
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#set(false);
  }

  /** Resolves once it is not lost, at once if it is not. */
  whenFound(): Promise<void> {
    if (!this.#isLost) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.subscribe(() => {
        end();
        resolve();
      });
    });
  }

  async #ask(): Promise<void> {
    const isBack = await this.#ping();
    if (this.#asking === undefined) return;
    this.#asking = undefined;
    if (isBack) this.found();
    else this.lost();
  }

  #set(isLost: boolean): void {
    if (this.#isLost === isLost) return;
    this.#isLost = isLost;
    for (const listener of this.#listeners) listener();
  }
}

/** Ready, not only alive: a page that asks while the database is away would show errors. */
export async function isReachable(): Promise<boolean> {
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    return answer.ok;
  } catch {
    return false;
  }
}

export const connection = new Connection(isReachable);
