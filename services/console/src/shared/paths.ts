/** Return the path to go on to after signing in: one of this console's own, whatever was asked. */
export function safePath(wanted: string | undefined): string {
  const isOwn =
    wanted !== undefined && /^\/(?![/\\])/.test(wanted) && !wanted.startsWith("/sign-in");
  return isOwn ? wanted : "/";
}
