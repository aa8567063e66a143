/** What the address of a start says. */
export interface StartSearch {
  /** The published version that is started; without it the latest. */
  readonly version?: number;
}

/** Return what of an address the start understands. */
export function startSearch(given: Record<string, unknown>): StartSearch {
  const version = Number(given["version"]);
  return Number.isSafeInteger(version) && version > 0 ? { version } : {};
}

/** Return the version that is meant: the one that is asked for where there is one, else the latest. */
export function versionOf(search: StartSearch, latest: number | null): number | null {
  const { version } = search;
  return latest !== null && version !== undefined && version <= latest ? version : latest;
}
