/**
 * Return a search with one of its filters set, or without it where nothing is wanted.
 *
 * It begins at the first page: what narrows a list changes what its pages are.
 */
export function narrow<S extends { readonly cursor?: string }, K extends keyof S>(
  search: S,
  name: K,
  value: S[K] | null,
): S {
  const { cursor: _, [name]: __, ...rest } = search;
  const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return (isEmpty ? rest : { ...rest, [name]: value }) as unknown as S;
}
