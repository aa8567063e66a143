import createClient from "openapi-fetch";

import { connection } from "./connection";
import { ConnectionError, problemOf } from "./problem";
import type { paths } from "./schema";

/** Foreign pages cannot send it: the API takes it for the proof that a write is ours. */
export const CONSOLE_HEADER = { "X-Flowyard-Console": "1" } as const;

/** Send a request; an answer that is no success is thrown. */
export async function send(input: Request | string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    connection.lost();
    throw new ConnectionError("Nobody answered", { cause: error });
  }
  if (response.ok) {
    connection.found();
    return response;
  }
  const problem = await problemOf(response);
  if (problem instanceof ConnectionError) connection.lost();
  else connection.found();
  throw problem;
}

/** The API's client: typed by its own description; it throws what is no success. */
export const api = createClient<paths>({
  headers: CONSOLE_HEADER,
  fetch: send,
  querySerializer: { array: { style: "form", explode: true } },
});

/** Return what a call was answered; a success has a body wherever its type says so. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

/** Return the header under which a write is carried out once, however often it is sent. */
export function once(): { "idempotency-key": string } {
  return { "idempotency-key": crypto.randomUUID() };
}
