/** What the browser keeps between two visits; it may be forbidden, then nothing is kept. */

const PREFIX = "flowyard.";

export type Kept = "language" | "project";

export function kept(name: Kept): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keep(name: Kept, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Forbidden or full: the choice holds until the page is closed.
  }
}
