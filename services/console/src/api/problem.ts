import type { SchemaFaultView, SchemaProblemView } from "./schema";

/** What the API answers when it refuses something, or what stands for it when it does not answer. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  readonly problem: SchemaProblemView;

  constructor(problem: SchemaProblemView) {
    super(problem.detail);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }

  get requestId(): string {
    return this.problem.instance;
  }

  get faults(): readonly SchemaFaultView[] {
    return this.problem.errors;
  }
}

/** Raised when nobody answers: the network, the server or a proxy is away. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** What proxies answer while the API is away; the API's own answers carry a problem document. */
const AWAY = new Set([502, 503, 504]);

/** Return the error that an answer stands for. */
export async function problemOf(response: Response): Promise<ProblemError | ConnectionError> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json")) {
    return new ProblemError((await response.json()) as SchemaProblemView);
  }
  if (AWAY.has(response.status)) return new ConnectionError(`Status ${response.status}`);
  return new ProblemError({
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: `${response.status} ${response.statusText}`,
    code: "unexpected_answer",
    instance: response.headers.get("x-request-id") ?? "",
    errors: [],
  });
}

/** Tell whether asking again may help without anybody doing anything. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ProblemError && (error.status === 429 || error.status === 503);
}
