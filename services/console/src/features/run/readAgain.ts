import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Have what is looked at read as it is now; resolves once it is.
 *
 * What is under way is not given up: on a live run, something that takes its time would never be
 * read to its end. It may tell of what was before, so it is read once more behind that.
 */
export async function readAgain(queries: QueryClient, queryKey: QueryKey): Promise<void> {
  const wanted = { queryKey, type: "active" } as const;
  for (;;) {
    const isOlder = queries.isFetching(wanted) > 0;
    await queries.invalidateQueries(wanted, { cancelRefetch: false });
    // A further page takes the place of what is under way, and leaves those before it as they were.
    const isPage = queries
      .getQueryCache()
      .findAll(wanted)
      .some(({ state }) => state.fetchMeta?.fetchMore !== undefined);
    if (!isOlder && !isPage) return;
  }
}
