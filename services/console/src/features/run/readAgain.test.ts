import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAgain } from "./readAgain";

/** What is read, and every reading of it that has begun; each is answered by the test. */
interface Reading {
  readonly page: number;
  readonly signal: AbortSignal;
  readonly answer: (value: string) => void;
}

let queries: QueryClient;
let readings: Reading[];
let end: () => void;

const KEY = ["items"];

beforeEach(() => {
  queries = new QueryClient();
  readings = [];
});
afterEach(() => {
  end();
  queries.clear();
});

function begin({ pageParam = 0, signal }: { pageParam?: unknown; signal: AbortSignal }) {
  return new Promise<string>((answer) => {
    readings.push({ page: Number(pageParam), signal, answer });
  });
}

/** Answer the first reading, and wait until it is known. */
async function answerFirst(value: string): Promise<void> {
  await answer(1, value);
  await expect.poll(() => queries.isFetching()).toBe(0);
}

async function answer(number: number, value: string): Promise<void> {
  await expect.poll(() => readings.length).toBe(number);
  readings.at(-1)?.answer(value);
}

test("what is under way is read to its end, and once more as it may tell of what was before", async () => {
  const observer = new QueryObserver(queries, { queryKey: KEY, queryFn: begin });
  end = observer.subscribe(() => undefined);
  await answerFirst("first");
  void observer.refetch();
  const again = readAgain(queries, KEY);

  await answer(2, "before");
  await answer(3, "after");
  await again;

  expect(queries.getQueryData(KEY)).toBe("after");
  expect(readings.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
});

test("what nobody reads at the time is read once", async () => {
  const observer = new QueryObserver(queries, { queryKey: KEY, queryFn: begin });
  end = observer.subscribe(() => undefined);
  await answerFirst("before");
  const again = readAgain(queries, KEY);

  await answer(2, "after");
  await again;

  expect([queries.getQueryData(KEY), readings.length]).toEqual(["after", 2]);
});

test("a further page that is asked for meanwhile leaves no page as it was", async () => {
  const observer = new InfiniteQueryObserver(queries, {
    queryKey: KEY,
    queryFn: begin,
    initialPageParam: 0,
    getNextPageParam: (_: string, all: string[]) => all.length,
  });
  end = observer.subscribe(() => undefined);
  await answerFirst("first, before");
  const again = readAgain(queries, KEY);
  await expect.poll(() => readings.length).toBe(2);
  void observer.fetchNextPage();

  await answer(3, "second");
  await answer(4, "first, after");
  await answer(5, "second, after");
  await again;

  expect(readings.map(({ page }) => page)).toEqual([0, 0, 1, 0, 1]);
  expect(queries.getQueryData(KEY)).toMatchObject({ pages: ["first, after", "second, after"] });
});
