import { lazy } from "react";
import type { LazyExoticComponent, ReactNode } from "react";
import { connection, isReachable } from "@/api/connection";

/** A page that was loaded again for the same reason within this time would be so for ever. */
const ONCE_PER_MS = 60_000;
const RELOADED_AT = "flowyard.reloadedAt";

/** A component that is loaded when it is first shown; its place waits for as long as that takes. */
export function lazily<P>(
  load: () => Promise<(props: P) => ReactNode>,
): LazyExoticComponent<(props: P) => ReactNode> {
  return lazy(async () => ({ default: await patiently(load) }));
}

/**
 * Load a part of the console, however long the API is away.
 *
 * Where it answers but the part is gone, another version of the console has taken the place of
 * the one that is open: the page is loaded anew.
 */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch (error) {
      if (await isReachable()) return loadAnew(error);
      connection.lost();
      await connection.whenFound();
    }
  }
}

function loadAnew(error: unknown): Promise<never> {
  const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
  if (Date.now() - last < ONCE_PER_MS) throw error;
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  location.reload();
  // The page is about to go; nothing is shown in its place.
  return new Promise<never>(() => undefined);
}
