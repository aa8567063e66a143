import type { InstanceQuery } from "@/shared/instances";
import { INSTANCE_STATUSES } from "@/shared/status";
import type { InstanceStatus } from "@/shared/status";

/** How far back a list may go, by its name in the address, in hours. */
export const PERIODS = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 } as const;

export type Period = keyof typeof PERIODS;

/** What nodes may wait for that people ask for. */
export const REASONS = ["approval", "incident", "callback", "timer", "breakpoint"] as const;

export type Reason = (typeof REASONS)[number];

/** What the address of the list says; all that is there has to hold. */
export interface InstanceSearch {
  readonly status?: readonly InstanceStatus[];
  readonly template?: string;
  readonly actor?: string;
  readonly text?: string;
  readonly label?: readonly string[];
  readonly reason?: Reason;
  readonly period?: Period;
  readonly cursor?: string;
}

export const PAGE_SIZE = 50;

const HOUR_MS = 3_600_000;

/** Return what of an address the list understands; what is mistaken is left out. */
export function instanceSearch(given: Record<string, unknown>): InstanceSearch {
  const status = many(given["status"]).filter((one): one is InstanceStatus =>
    (INSTANCE_STATUSES as readonly string[]).includes(one),
  );
  const label = many(given["label"]).filter((one) => one.includes(":"));
  const reason = REASONS.find((one) => one === given["reason"]);
  const period = Object.keys(PERIODS).find((one): one is Period => one === given["period"]);
  return {
    ...(status.length > 0 && { status }),
    ...(label.length > 0 && { label }),
    ...(reason !== undefined && { reason }),
    ...(period !== undefined && { period }),
    ...word("template", given),
    ...word("actor", given),
    ...word("text", given),
    ...word("cursor", given),
  };
}

/** Return what the API is asked. To the minute, so that one page is one question for a while. */
export function apiQuery(search: InstanceSearch, now: Date): InstanceQuery {
  const { period, reason, status, label, ...same } = search;
  const minute = Math.floor(now.getTime() / 60_000) * 60_000;
  return {
    ...same,
    ...(status !== undefined && { status: [...status] }),
    ...(label !== undefined && { label: [...label] }),
    ...(reason !== undefined && { reason: [reason] }),
    ...(period !== undefined && {
      created_after: new Date(minute - PERIODS[period] * HOUR_MS).toISOString(),
    }),
  };
}

/** Return what is saved of a search: everything but the place in the list and the time. */
export function savedParameters(search: InstanceSearch): Record<string, string | string[]> {
  const { text, actor, template, status, label, reason } = search;
  return {
    ...(text !== undefined && { text }),
    ...(actor !== undefined && { actor }),
    ...(template !== undefined && { template }),
    ...(status !== undefined && { status: [...status] }),
    ...(label !== undefined && { label: [...label] }),
    ...(reason !== undefined && { reason: [reason] }),
  };
}

/** Return the search that a saved filter stands for. */
export function searchOf(parameters: Readonly<Record<string, unknown>>): InstanceSearch {
  const { reason } = parameters;
  return instanceSearch({ ...parameters, reason: Array.isArray(reason) ? reason[0] : reason });
}

/** Tell whether anything narrows the list. */
export function isNarrowed(search: InstanceSearch): boolean {
  return Object.keys(search).some((name) => name !== "cursor");
}

/** Return the texts of a value that may be one or several, each once. */
export function many(value: unknown): string[] {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(all.filter((one) => typeof one === "string"))];
}

/** Return a text of an address by its name; nothing where there is none. */
export function word<K extends string>(
  name: K,
  given: Record<string, unknown>,
): Partial<Record<K, string>> {
  const value = given[name];
  // The router reads what looks like a number as one.
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text === "") return {};
  return { [name]: text } as Partial<Record<K, string>>;
}
