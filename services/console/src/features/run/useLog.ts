import { useEffect, useState } from "react";
import type { SchemaLogLineView } from "@/api/schema";
import { follow } from "@/api/stream";
import type { StreamEvent } from "@/api/stream";
import { logStreamPath } from "./api";
import type { LogPlace } from "./api";
import { added } from "./logic/log";

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
  useEffect(() => followLog({ instance, node, attempt }, setLog), [instance, node, attempt, tries]);
  const again = () => {
    setLog(NOTHING);
    setTries(tries + 1);
  };
  return { ...log, again };
}

type Change = (change: (before: Log) => Log) => void;

/** Follow a log to its end; where the API goes away, from where it was when it is back. */
function followLog(place: LogPlace, change: Change): () => void {
  let fresh: SchemaLogLineView[] = [];
  let isOver = false;
  let isAsked = false;
  let isLeft = false;
  // What has come with one piece of the stream is shown together: a long log comes in few.
  const show = () => {
    isAsked = false;
    if (isLeft) return;
    const lines = fresh;
    fresh = [];
    change((before) => ({ lines: added(before.lines, lines), isOver, error: null }));
  };
  const end = follow({
    path: logStreamPath(place),
    last: "end",
    onEvent: (event: StreamEvent) => {
      if (event.name === "line") fresh.push(JSON.parse(event.data) as SchemaLogLineView);
      else if (event.name === "end") isOver = true;
      if (isAsked) return;
      isAsked = true;
      queueMicrotask(show);
    },
    onRefused: (error) => change((before) => ({ ...before, error })),
  });
  return () => {
    isLeft = true;
    end();
  };
}
