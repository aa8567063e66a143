import { expect, test } from "vitest";
import { ConnectionError, ProblemError, isPassing, problemOf } from "./problem";

function answer(status: number, type: string, body: string): Response {
  return new Response(body, { status, headers: { "content-type": type, "x-request-id": "r-1" } });
}

const PROBLEM = {
  type: "urn:flowyard:problem:not_found",
  title: "It does not exist",
  status: 404,
  detail: "Expected project shop, but there is none",
  code: "not_found",
  instance: "r-2",
  errors: [],
};

test("a problem document is told as it is", async () => {
  const found = await problemOf(answer(404, "application/problem+json", JSON.stringify(PROBLEM)));

  expect(found).toBeInstanceOf(ProblemError);
  expect(found).toMatchObject({ code: "not_found", requestId: "r-2", message: PROBLEM.detail });
});

test("a proxy that finds nobody means a lost connection, the API's own refusal does not", async () => {
  const proxy = await problemOf(answer(503, "text/html", "<h1>503</h1>"));
  const own = await problemOf(
    answer(503, "application/problem+json", JSON.stringify({ ...PROBLEM, status: 503 })),
  );

  expect(proxy).toBeInstanceOf(ConnectionError);
  expect(own).toBeInstanceOf(ProblemError);
});

test("any other answer keeps its request's id", async () => {
  const found = await problemOf(answer(500, "text/plain", "oops"));

  expect(found).toMatchObject({ status: 500, requestId: "r-1" });
});

test.each([
  [404, false],
  [429, true],
  [503, true],
])("asking again after %i helps: %s", (status, helps) => {
  expect(isPassing(new ProblemError({ ...PROBLEM, status }))).toBe(helps);
});
