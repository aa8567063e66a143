import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { connection } from "@/api/connection";
import { ProblemError, isPassing } from "@/api/problem";
import { ME_KEY } from "@/api/session";

const MOST_RETRIES = 2;

/** What is done when the session has come to an end while somebody works. */
export type OnSignedOut = () => void;

/** Return the store of what was read; it reads again by itself when the API is back. */
export function newQueryClient(onSignedOut: OnSignedOut): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ProblemError && error.status === 401) onSignedOut();
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // Who this is, is asked on the way in: whoever is nobody is led to sign in there.
        if (query.queryKey[0] !== ME_KEY[0]) onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // While nobody answers, the banner says so and everything is read again when they do.
        networkMode: "always",
        retry: (count, error) => count < MOST_RETRIES && isPassing(error) && !connection.isLost(),
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  connection.subscribe(() => {
    if (!connection.isLost()) void client.invalidateQueries();
  });
  return client;
}
