import { useQuery } from "@tanstack/react-query";
import type { SchemaTakenView } from "@/api/schema";
import { readCommand } from "./api";

/** What is known of one of many operations. */
export interface Outcome {
  readonly instanceId: string;
  readonly state: "open" | "applied" | "refused";
  /** Why it was refused, or rejected later. */
  readonly detail: string | null;
}

/** A command is settled within a moment, unless its instance's owner is away. */
const LOOK_AGAIN_MS = 1000;

/** Questions under way at once: a browser has six connections to a server, and the list needs one. */
const MOST_AT_ONCE = 4;

function first(taken: SchemaTakenView): Outcome {
  const { instance_id: instanceId, problem } = taken;
  if (problem === null) return { instanceId, state: "open", detail: null };
  return { instanceId, state: "refused", detail: problem.detail };
}

async function settled(taken: SchemaTakenView, before: Outcome): Promise<Outcome> {
  if (before.state !== "open" || taken.command_id === null) return before;
  const command = await readCommand(taken.instance_id, taken.command_id);
  if (command.outcome === null) return before;
  const isApplied = command.outcome === "applied";
  return {
    ...before,
    state: isApplied ? "applied" : "refused",
    detail: isApplied ? null : (command.message ?? command.code),
  };
}

/** Return what is known now, asking about those that were open before, a few at a time. */
export async function readOutcomes(
  taken: readonly SchemaTakenView[],
  before: readonly Outcome[],
  read: typeof settled = settled,
): Promise<readonly Outcome[]> {
  const found = [...before];
  const left = taken.map((one, index) => ({ one, index }));
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const known = before[next.index] ?? first(next.one);
      found[next.index] = await read(next.one, known);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return found;
}

/** Follow what becomes of many operations until each is settled; those refused come first. */
export function useOutcomes(taken: readonly SchemaTakenView[]): readonly Outcome[] {
  const begun = taken.map(first);
  const key = ["outcomes", ...taken.map((one) => one.command_id)];
  const { data = begun } = useQuery({
    queryKey: key,
    queryFn: async ({ client }) =>
      readOutcomes(taken, client.getQueryData<readonly Outcome[]>(key) ?? begun),
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.every((one) => one.state !== "open") === true ? false : LOOK_AGAIN_MS,
  });
  return data.toSorted((one, other) => rank(one) - rank(other));
}

function rank(outcome: Outcome): number {
  return outcome.state === "refused" ? 0 : 1;
}
