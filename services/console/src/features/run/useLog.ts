import { useEffect, useState } from "react";
import { connection } from "@/api/connection";
import { ConnectionError, isPassing } from "@/api/problem";
import type { SchemaLogLineView } from "@/api/schema";
import { readLog } from "./api";
import { added } from "./logic/log";

/** How long a question for further lines is held. */
const WAIT_SECONDS = 25;
const PAUSE_MS = 1000;

interface Log {
  readonly lines: readonly SchemaLogLineView[];
  readonly isOver: boolean;
  readonly error: unknown;
}

const NOTHING: Log = { lines: [], isOver: false, error: null };

/** The log of an attempt as far as it is written, and as it goes on. */
export function useLog(instance: string, node: string, attempt: number) {
  const [log, setLog] = useState(NOTHING);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const life = new AbortController();
    // What was under way when it ended says that it was ended, which is nobody's problem.
    const take = (change: (before: Log) => Log) => {
      if (!life.signal.aborted) setLog(change);
    };
    void followLog({ instance, node, attempt }, take, life.signal);
    return () => life.abort();
  }, [instance, node, attempt, tries]);
  const again = () => {
    setLog(NOTHING);
    setTries(tries + 1);
  };
  return { ...log, again };
}

type Take = (change: (before: Log) => Log) => void;

/** Read a log until it is complete; where the API goes away, from where it was when it is back. */
async function followLog(
  place: Parameters<typeof readLog>[0],
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  // What is there is shown at once; only what is to come is waited for.
  let wait = 0;
  while (!signal.aborted) {
    try {
      const page = await readLog(place, after, wait, signal);
      after = page.next_after;
      wait = WAIT_SECONDS;
      take((before) => ({
        lines: added(before.lines, page.lines),
        isOver: page.is_complete,
        error: null,
      }));
      if (page.is_complete) return;
    } catch (error) {
      if (!isPassing(error)) {
        take((before) => ({ ...before, error }));
        return;
      }
      if (error instanceof ConnectionError) await connection.whenFound();
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
