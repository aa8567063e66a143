/** Keys of templates: what they are called in addresses. */

const LONGEST = 63;

/** What the API takes as a key. */
export function isKey(text: string): boolean {
  return /^[a-z][a-z0-9_-]{0,62}$/.test(text);
}

/** Return a key made of a title; what has no letter that a key may have is called "flow". */
export function keyOf(title: string): string {
  const plain = title
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
  return plain === "" ? "flow" : plain;
}
