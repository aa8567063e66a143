interface Read {
  readonly error: Error | null;
  readonly isLoadingError: boolean;
}

/**
 * The error of the first query that has nothing to show.
 *
 * What was read before stays on the screen where it cannot be read again, and with it what
 * somebody has filled in or drawn there.
 */
export function unread(...queries: readonly Read[]): Error | null {
  return queries.find((one) => one.isLoadingError)?.error ?? null;
}
