import { useEffect, useEffectEvent } from "react";
import type { StreamEvent } from "@/api/stream";
import { follow } from "@/api/stream";
import { throttle } from "./throttle";

/** Told of every event of a project; of null once the stream is open: what was missed is not told. */
export type ProjectListener = (event: StreamEvent | null) => void;

interface Stream {
  readonly listeners: Set<ProjectListener>;
  /** Whether it has been open: who joins then has to read what the others know. */
  isOpen: boolean;
  end: () => void;
}

/** One stream per project, however many look at it: a browser has six connections to a server. */
const streams = new Map<string, Stream>();

function begin(project: string): Stream {
  const stream: Stream = { listeners: new Set(), isOpen: false, end: () => undefined };
  const tell = (event: StreamEvent | null) => {
    for (const listener of [...stream.listeners]) listener(event);
  };
  stream.end = follow({
    path: `/api/v1/projects/${encodeURIComponent(project)}/events`,
    onOpen: () => {
      stream.isOpen = true;
      tell(null);
    },
    onEvent: tell,
  });
  streams.set(project, stream);
  return stream;
}

/** Have a function told of a project's events; returns how to end it. */
export function onProjectEvent(project: string, listener: ProjectListener): () => void {
  const stream = streams.get(project) ?? begin(project);
  stream.listeners.add(listener);
  if (stream.isOpen) listener(null);
  return () => {
    stream.listeners.delete(listener);
    if (stream.listeners.size > 0) return;
    stream.end();
    streams.delete(project);
  };
}

/**
 * Do something as instances of a project change, at most once per pause.
 *
 * It is also done at the beginning, once the stream is open.
 */
export function useProjectChanges(
  project: string | null,
  onChange: () => void,
  pauseMs: number,
): void {
  const tell = useEffectEvent(onChange);
  useEffect(() => {
    if (project === null) return undefined;
    const throttled = throttle(() => tell(), pauseMs);
    const end = onProjectEvent(project, (event) => {
      if (event === null || event.name === "changed") throttled();
    });
    return () => {
      end();
      throttled.cancel();
    };
  }, [project, pauseMs]);
}
