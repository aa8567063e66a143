import { useSyncExternalStore } from "react";
import { api, body } from "@/api/client";
import type { SchemaProjectView } from "@/api/schema";
import { keep, kept } from "./storage";

/** Longest list that is offered to choose from; more are found by their name in the address. */
const MOST_PROJECTS = 200;

export const PROJECTS_KEY = ["projects"] as const;

export async function readProjects(): Promise<readonly SchemaProjectView[]> {
  const query = { limit: MOST_PROJECTS };
  const page = await body(api.GET("/api/v1/projects", { params: { query } }));
  return page.items;
}

/** Return the project to begin with: the last one, if it is still there, else the first. */
export async function firstProject(): Promise<string | null> {
  const names = (await readProjects()).map((project) => project.name);
  const last = kept("project");
  return last !== null && names.includes(last) ? last : (names[0] ?? null);
}

let current = kept("project");
const listeners = new Set<() => void>();

/** Note which project is looked at, also where the address does not name it. */
export function enterProject(name: string): void {
  if (name === current) return;
  current = name;
  keep("project", name);
  for (const listener of listeners) listener();
}

/** Return which project is looked at. */
export function useProject(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
