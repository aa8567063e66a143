/** The token that an address brings, as `flowyard dev` prints it: "#token=...". */
const GIVEN = /^#token=([^&]+)$/;

/** Return the token in an address, if there is one. */
export function tokenOf(hash: string): string | null {
  const found = GIVEN.exec(hash)?.[1];
  return found === undefined ? null : decodeURIComponent(found);
}
