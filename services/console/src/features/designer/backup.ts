/** What could not be stored before the page was left, kept in the browser until it can be. */

import type { Place } from "./panel/types";

export interface Backup {
  readonly text: string;
  /** Of one's own draft as it was last stored; null where there was none. */
  readonly etag: string | null;
  readonly base: number;
}

const PREFIX = "flowyard.draft.";

function key({ project, template }: Place): string {
  return `${PREFIX}${project}/${template}`;
}

export function keepBackup(place: Place, backup: Backup): void {
  try {
    localStorage.setItem(key(place), JSON.stringify(backup));
  } catch {
    // Forbidden or full: what was stored last is what is found again.
  }
}

export function keptBackup(place: Place): Backup | null {
  try {
    const text = localStorage.getItem(key(place));
    return text === null ? null : (JSON.parse(text) as Backup);
  } catch {
    return null;
  }
}

export function dropBackup(place: Place): void {
  try {
    localStorage.removeItem(key(place));
  } catch {
    // Forbidden: then there is none.
  }
}
