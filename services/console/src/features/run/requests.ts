import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useMemo, useState } from "react";
import { once } from "@/api/client";
import { connection } from "@/api/connection";
import { ConnectionError, isPassing } from "@/api/problem";
import type { SchemaAcceptedView } from "@/api/schema";
import type { NodeCommand, RunCommand } from "./api";
import { askNode, askRun, readCommand } from "./api";

/**
 * What has become of something that a person has asked for.
 *
 * "sending": nobody has answered yet; "requested": taken in, and the instance's owner has not decided;
 * "applied" and "rejected": the owner's word; "refused": never taken in.
 */
export type RequestState = "sending" | "requested" | "applied" | "rejected" | "refused";

export interface Request {
  readonly key: number;
  readonly verb: string;
  readonly instance: string;
  /** Null for the instance itself. */
  readonly node: string | null;
  readonly state: RequestState;
  /** Why it was rejected, in words. */
  readonly message: string | null;
  /** Why it was refused. */
  readonly error: unknown;
}

export interface Requests {
  readonly all: readonly Request[];
  readonly askNode: (instance: string, node: string, command: NodeCommand) => void;
  readonly askRun: (instance: string, command: RunCommand) => void;
  readonly forget: (key: number) => void;
}

/** How long one question for an outcome is held. */
const WAIT_SECONDS = 20;

/** Requests that are kept to be shown. */
const MOST = 8;

/** Whether a word was said about it that will not change. */
export function isSettled({ state }: Request): boolean {
  return state === "applied" || state === "rejected" || state === "refused";
}

type Send = () => Promise<SchemaAcceptedView>;
type Tell = (change: Partial<Request>) => void;

let count = 0;

/** What was asked for on this page, and what became of it. */
export function useRequests(): Requests {
  const queries = useQueryClient();
  const [all, setAll] = useState<readonly Request[]>([]);
  const asking = useMemo(() => {
    const begin = (what: Pick<Request, "verb" | "instance" | "node">, send: Send) => {
      const key = (count += 1);
      const request: Request = { ...what, key, state: "sending", message: null, error: null };
      setAll((before) => [...before.slice(1 - MOST), request]);
      const tell: Tell = (change) =>
        setAll((before) => before.map((one) => (one.key === key ? { ...one, ...change } : one)));
      void carryOut(what.instance, send, tell).then(() =>
        queries.invalidateQueries({ queryKey: ["commands", what.instance] }),
      );
    };
    const made: Omit<Requests, "all"> = {
      askNode: (instance, node, command) => {
        const header = once();
        const send = () => askNode(instance, node, command, header);
        begin({ verb: command.verb, instance, node }, send);
      },
      askRun: (instance, command) => {
        const header = once();
        begin({ verb: command.verb, instance, node: null }, () =>
          askRun(instance, command, header),
        );
      },
      forget: (key) => setAll((before) => before.filter((one) => one.key !== key)),
    };
    return made;
  }, [queries]);
  return useMemo(() => ({ ...asking, all }), [asking, all]);
}

/** Send a request and tell what becomes of it, however long the API is away meanwhile. */
export async function carryOut(instance: string, send: Send, tell: Tell): Promise<void> {
  try {
    const taken = await patiently(send);
    tell({ state: "requested" });
    for (;;) {
      const read = () => readCommand(instance, taken.command_id, WAIT_SECONDS);
      const { outcome, message, code } = await patiently(read);
      if (outcome === "applied") {
        tell({ state: "applied" });
        return;
      }
      if (outcome === "rejected") {
        tell({ state: "rejected", message: message ?? code });
        return;
      }
    }
  } catch (error) {
    tell({ state: "refused", error });
  }
}

const PAUSE_MS = 1000;

/** Repeat what nobody has answered: a request has a key under which it counts once. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (error instanceof ConnectionError) await connection.whenFound();
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

export const RequestsContext = createContext<Requests | null>(null);

/** What was asked for on this page, and how to ask for more. */
export function useAsking(): Requests {
  const requests = use(RequestsContext);
  if (requests === null) throw new Error("Expected to stand within a page of a run");
  return requests;
}
