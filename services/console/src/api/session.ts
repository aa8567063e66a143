import { api, body } from "./client";
import type { SchemaMeView } from "./schema";

/** Who is signed in; throws a problem with status 401 if nobody is. */
export function readMe(): Promise<SchemaMeView> {
  return body(api.GET("/api/v1/me"));
}

/** Have the API set its cookie. */
export function signIn(token: string): Promise<SchemaMeView> {
  return body(api.POST("/api/v1/session", { body: { token } }));
}

/** Have the API take its cookie away. */
export async function signOut(): Promise<void> {
  await api.DELETE("/api/v1/session");
}

export const ME_KEY = ["me"] as const;
