import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body, once } from "@/api/client";
import type { SchemaArchiveView, SchemaRetentionView } from "@/api/schema";

const PAGE_SIZE = 50;

export type Retention = SchemaRetentionView;
export type Archive = SchemaArchiveView;
export type Mode = Retention["mode"];

/** What may become of ended instances, from the mildest on. */
export const MODES = ["keep", "archive", "delete"] as const satisfies readonly Mode[];

/** Units that an age is said in, as seconds. */
const UNITS = { days: 86_400, hours: 3600 } as const;

export type Unit = keyof typeof UNITS;

export const UNIT_NAMES = ["days", "hours"] as const satisfies readonly Unit[];

/** Bounds of an age, as the API has them. */
const LEAST_SECONDS = 3600;
const MOST_SECONDS = 1_000_000_000;

/** As many are counted as due, and no more. */
const MOST_COUNTED = 100_000;

export interface Age {
  readonly count: number;
  readonly unit: Unit;
}

/** Return an age as people say it: in days where it is whole days, else in hours. */
export function ageOf(seconds: number): Age {
  if (seconds >= UNITS.days && seconds % UNITS.days === 0) {
    return { count: seconds / UNITS.days, unit: "days" };
  }
  return { count: Number((seconds / UNITS.hours).toFixed(4)), unit: "hours" };
}

/** Tell whether more may be due than were counted. */
export function isCountedOut(instances: number): boolean {
  return instances >= MOST_COUNTED;
}

/** What the form of a rule holds. */
export interface WrittenRule {
  readonly mode: Mode;
  /** The age, as it was written. */
  readonly count: string;
  readonly unit: Unit;
}

/** Return a rule as its form holds it. */
export function writtenOf(rule: Retention): WrittenRule {
  const { count, unit } = ageOf(rule.after_seconds);
  return { mode: rule.mode, count: String(count), unit };
}

/** Return the age of a form; null where the API would not take it. */
export function secondsOf({ count, unit }: WrittenRule): number | null {
  if (!/^\s*\d+([.,]\d+)?\s*$/.test(count)) return null;
  const seconds = Math.round(Number(count.trim().replace(",", ".")) * UNITS[unit]);
  return seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS ? seconds : null;
}

/** What the API is sent. */
export interface SentRule {
  readonly mode: Mode;
  readonly after_seconds: number;
}

/** Return what is sent of a form; null where its age is wrong. What stays does so at any age. */
export function sentOf(written: WrittenRule, before: Retention): SentRule | null {
  const { mode } = written;
  const after_seconds = secondsOf(written);
  if (after_seconds !== null) return { mode, after_seconds };
  if (mode !== "keep") return null;
  return { mode, after_seconds: Math.max(before.after_seconds, LEAST_SECONDS) };
}

export function retentionKey(project: string) {
  return ["retention", project];
}

/** What becomes of a project's ended instances, and how much is due. */
export function retentionQuery(project: string) {
  return queryOptions({
    queryKey: retentionKey(project),
    queryFn: ({ signal }): Promise<Retention> =>
      body(
        api.GET("/api/v1/projects/{project}/retention", {
          params: { path: { project } },
          signal,
        }),
      ),
  });
}

export function putRetention(project: string, rule: SentRule): Promise<Retention> {
  return body(
    api.PUT("/api/v1/projects/{project}/retention", {
      params: { path: { project }, header: once() },
      body: rule,
    }),
  );
}

/** Have the cluster's rule hold again. */
export function deleteRetention(project: string): Promise<Retention> {
  return body(
    api.DELETE("/api/v1/projects/{project}/retention", {
      params: { path: { project }, header: once() },
    }),
  );
}

/** The files that a project's instances were moved to, the newest first. */
export function archivesQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: [...retentionKey(project), "archives"],
    queryFn: ({ signal, pageParam }) =>
      body(
        api.GET("/api/v1/projects/{project}/archives", {
          params: {
            path: { project },
            query: { limit: PAGE_SIZE, ...(pageParam !== null && { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
