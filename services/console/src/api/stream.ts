import { send } from "./client";
import { connection } from "./connection";
import { ProblemError } from "./problem";

/** One server-sent event. */
export interface StreamEvent {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

/** Take server-sent events apart, in pieces as they come; returns those that are whole. */
export class EventReader {
  #rest = "";

  read(piece: string): StreamEvent[] {
    const blocks = (this.#rest + piece).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parse).filter((event) => event.data !== "");
  }
}

function parse(block: string): StreamEvent {
  const event = { name: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).trimStart();
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "data") event.data += event.data === "" ? value : `\n${value}`;
  }
  return event;
}

export interface StreamOptions {
  readonly path: string;
  readonly onEvent: (event: StreamEvent) => void;
  /** Called whenever the stream is open: what was missed before has to be read. */
  readonly onOpen?: () => void;
  /** Called whenever it has broken and will be opened again. */
  readonly onBroken?: () => void;
  /** Called when it cannot be opened at all, whatever is tried. */
  readonly onRefused?: (error: ProblemError) => void;
  /** Name of the event behind which nothing more comes. */
  readonly last?: string;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** A stream says every 15 s that it is still there: one that is silent for longer is dead. */
const LONGEST_SILENCE_MS = 40_000;

/**
 * Follow a stream until it has ended, opening it again where it breaks; returns how to end it.
 *
 * It is closed while nobody sees the page: a browser has six connections to a server, and each tab
 * that is left open would keep one.
 */
export function follow(options: StreamOptions): () => void {
  const life = new AbortController();
  const onBroken = () => {
    if (!life.signal.aborted) options.onBroken?.();
  };
  void keep({ ...options, onBroken }, life.signal);
  return () => life.abort();
}

async function keep(options: StreamOptions, signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  const seen = { id: "" };
  for (;;) {
    await visible(signal);
    if (signal.aborted) return;
    try {
      const isOver = await readOnce(options, seen, signal, () => (pause = FIRST_PAUSE_MS));
      if (isOver) return;
    } catch (error) {
      if (error instanceof ProblemError && error.status < 429) {
        options.onRefused?.(error);
        return;
      }
    }
    options.onBroken?.();
    // While nobody answers, somebody asks for all streams together whether the API is back.
    await Promise.race([rest(pause, signal), found(signal)]);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Resolves when the API, which is away, is back; never where it is not away. */
function found(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!connection.isLost()) return;
    const end = connection.subscribe(() => {
      if (connection.isLost()) return;
      end();
      resolve();
    });
    signal.addEventListener("abort", end, { once: true });
  });
}

async function readOnce(
  options: StreamOptions,
  seen: { id: string },
  signal: AbortSignal,
  onOpen: () => void,
): Promise<boolean> {
  const reading = new AbortController();
  const close = () => reading.abort();
  const closeWhenHidden = () => document.hidden && close();
  signal.addEventListener("abort", close);
  document.addEventListener("visibilitychange", closeWhenHidden);
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (seen.id !== "") headers["last-event-id"] = seen.id;
    const response = await send(options.path, { headers, signal: reading.signal });
    onOpen();
    options.onOpen?.();
    return await readAll(response, options, seen, close);
  } finally {
    signal.removeEventListener("abort", close);
    document.removeEventListener("visibilitychange", closeWhenHidden);
  }
}

async function readAll(
  response: Response,
  options: StreamOptions,
  seen: { id: string },
  close: () => void,
): Promise<boolean> {
  const reader = new EventReader();
  const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const silence = setTimeout(close, LONGEST_SILENCE_MS);
    const piece = await pieces?.read().finally(() => clearTimeout(silence));
    if (piece === undefined || piece.done) return false;
    for (const event of reader.read(piece.value)) {
      if (event.id !== "") seen.id = event.id;
      options.onEvent(event);
      if (event.name === options.last) return true;
    }
  }
}

function visible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
