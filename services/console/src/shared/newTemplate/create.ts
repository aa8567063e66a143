import { api, body, once } from "@/api/client";
import type { SchemaTemplateView } from "@/api/schema";

/** Flows to begin with, the smallest first. */
export const EXAMPLES = ["hello", "approval", "parallel"] as const;

export type Example = (typeof EXAMPLES)[number];

export interface NewTemplate {
  readonly key: string;
  readonly title: string;
  /** Null begins with nothing. */
  readonly example: Example | null;
}

/** Create a template whose draft is an example, or nothing. */
export async function createTemplate(
  project: string,
  { key, title, example }: NewTemplate,
): Promise<SchemaTemplateView> {
  const source =
    example === null ? null : (await import("./examples")).exampleSource(example, key, title);
  return body(
    api.POST("/api/v1/projects/{project}/templates", {
      params: { path: { project }, header: once() },
      body: { key, title, description: "", source },
    }),
  );
}
