import type { SchemaPersonalDraftView, SchemaSharedDraftView } from "@/api/schema";
import { connection } from "@/api/connection";
import { ConnectionError, ProblemError } from "@/api/problem";
import * as client from "./api";
import type { Backup } from "./backup";
import { dropBackup, keepBackup, keptBackup } from "./backup";
import type { Editor } from "./model";
import type { Place } from "./panel/types";

/** How long nobody has to change anything before it is stored. */
const PAUSE_MS = 700;
/** How long after a failure it is tried again. */
const RETRY_MS = 5000;

/** What a designer begins with. */
export interface Opened {
  readonly text: string;
  /** Of one's own draft; null while there is none. */
  readonly etag: string | null;
  /** Revision of the shared draft that it was made from. */
  readonly base: number;
  /** A text that the browser kept, and that is another one than what was stored meanwhile. */
  readonly rescued: Backup | null;
  /** The text is not stored yet. */
  readonly isUnsaved: boolean;
  /** What everybody's draft says; null where there is none yet. */
  readonly shared: string | null;
}

/** Somebody has changed what one's own work was made from. */
export type Conflict =
  | { readonly kind: "own"; readonly etag: string | null; readonly at: string | null }
  | {
      readonly kind: "shared";
      readonly etag: string;
      readonly revision: number;
      readonly actor: string | null;
      readonly at: string | null;
    };

export interface DraftState {
  readonly status: "saved" | "changed" | "saving" | "away" | "failed";
  readonly error: unknown;
  readonly conflict: Conflict | null;
  readonly base: number;
  readonly etag: string | null;
}

/** Return what is to be edited: one's own draft if there is one, else the shared one. */
export async function open(place: Place, empty: () => Promise<string>): Promise<Opened> {
  const [editors, shared] = await Promise.all([
    client.readEditors(place),
    client.readShared(place),
  ]);
  const hasMine = editors.items.some((one) => one.is_you && one.has_draft);
  const mine = hasMine ? await client.readMine(place) : null;
  const stored =
    mine === null
      ? { text: shared.source ?? (await empty()), etag: null, base: shared.revision }
      : { text: mine.source, etag: mine.etag, base: mine.base_revision };
  const read = { ...stored, shared: shared.source };
  const backup = keptBackup(place);
  if (backup === null || backup.text === stored.text) {
    dropBackup(place);
    return { ...read, rescued: null, isUnsaved: false };
  }
  if (backup.etag === stored.etag) {
    return { ...read, text: backup.text, rescued: null, isUnsaved: true };
  }
  return { ...read, rescued: backup, isUnsaved: false };
}

/** Stores what is edited as one's own draft, by itself, and tells when another hand was quicker. */
export class Drafting {
  #state: DraftState;
  #stored: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #isEnded = false;
  readonly #editor: Editor;
  readonly #place: Place;
  readonly #listeners = new Set<() => void>();

  constructor(editor: Editor, place: Place, opened: Opened) {
    this.#editor = editor;
    this.#place = place;
    this.#stored = opened.isUnsaved ? -1 : editor.state().version;
    this.#state = {
      status: opened.isUnsaved ? "changed" : "saved",
      error: null,
      conflict: opened.rescued === null ? null : { kind: "own", etag: opened.etag, at: null },
      base: opened.base,
      etag: opened.etag,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): DraftState => this.#state;

  /** Store changes by itself from now on; returns how to end that, which stores the last one. */
  begin(): () => void {
    this.#isEnded = false;
    const ends = [
      this.#editor.subscribe(() => this.#changed()),
      connection.subscribe(() => {
        if (!connection.isLost() && this.#isChanged()) void this.flush();
      }),
    ];
    const leave = () => this.#keep();
    addEventListener("pagehide", leave);
    this.#changed();
    return () => {
      this.#keep();
      removeEventListener("pagehide", leave);
      for (const end of ends) end();
      void this.flush();
      this.#isEnded = true;
      clearTimeout(this.#timer);
    };
  }

  /** Store what is changed now; resolves once nothing is open, or it cannot be stored. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#running !== null) await this.#running;
    if (!this.#isChanged() || this.#state.conflict !== null) return;
    this.#running = this.#store().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  /** Go on with what somebody else has made of it: one's own changes are gone, but can be undone. */
  take(text: string, base: number, etag: string | null): void {
    this.#set({ conflict: null, base, etag });
    this.#editor.setText(text);
    // Even the same text has to be stored again, for what it is made from now.
    this.#stored = -1;
    this.#changed();
  }

  /** Go on with one's own, made from what the other has made. */
  keep(base: number, etag: string | null): void {
    this.#set({ conflict: null, base, etag });
    this.#stored = -1;
    this.#changed();
  }

  /** Note that the shared draft is another one than what one's own work was made from. */
  noteShared(shared: SchemaSharedDraftView): void {
    const { conflict, base } = this.#state;
    if (conflict !== null || shared.revision <= base) return;
    if (!this.#isMine()) return;
    this.#set({ conflict: sharedConflict(shared) });
  }

  /** Look at a conflict later: it comes up again when it is published. */
  postpone(): void {
    this.#set({ conflict: null });
  }

  /** Begin anew after one's own draft was shared, or thrown away. */
  restart(text: string, base: number): void {
    clearTimeout(this.#timer);
    this.#set({ etag: null, base, conflict: null, error: null, status: "saved" });
    this.#editor.setText(text);
    this.#stored = this.#editor.state().version;
    dropBackup(this.#place);
  }

  raise(conflict: Conflict): void {
    this.#set({ conflict });
  }

  /** Whether there is something of one's own that others have not. */
  #isMine(): boolean {
    return this.#state.etag !== null || this.#isChanged();
  }

  #isChanged(): boolean {
    return this.#editor.state().version !== this.#stored;
  }

  #changed(): void {
    if (this.#isEnded || !this.#isChanged()) return;
    if (this.#state.status === "saved") this.#set({ status: "changed" });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  async #store(): Promise<void> {
    const { version } = this.#editor.state();
    const text = this.#editor.text();
    const { base, etag } = this.#state;
    this.#set({ status: "saving" });
    try {
      this.#done(version, await client.writeMine(this.#place, text, base, etag));
    } catch (error) {
      this.#failed(error);
    }
  }

  #done(version: number, stored: SchemaPersonalDraftView): void {
    this.#stored = version;
    const isChanged = this.#isChanged();
    this.#set({ etag: stored.etag, error: null, status: isChanged ? "changed" : "saved" });
    if (isChanged) this.#changed();
    else dropBackup(this.#place);
  }

  #failed(error: unknown): void {
    // The browser may be closed before it can be stored. Whoever has left has kept it already.
    if (!this.#isEnded) this.#keep();
    if (error instanceof ConnectionError) {
      this.#set({ status: "away", error });
      return;
    }
    if (error instanceof ProblemError && error.code === "precondition_failed") {
      this.#set({ status: "failed", error: null, conflict: ownConflict(error) });
      return;
    }
    this.#set({ status: "failed", error });
    if (this.#isEnded) return;
    this.#timer = setTimeout(() => void this.flush(), RETRY_MS);
  }

  #keep(): void {
    if (!this.#isChanged()) return;
    const { etag, base } = this.#state;
    keepBackup(this.#place, { text: this.#editor.text(), etag, base });
  }

  #set(change: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function sharedConflict({ etag, revision, actor, updated_at }: SchemaSharedDraftView): Conflict {
  return { kind: "shared", etag, revision, actor, at: updated_at };
}

function ownConflict({ problem }: ProblemError): Conflict {
  const { etag = null, updated_at = null } = problem as {
    readonly etag?: string | null;
    readonly updated_at?: string | null;
  };
  return { kind: "own", etag, at: updated_at };
}

/** Return who has changed the shared draft, as the refusal of a write of it tells. */
export function conflictOf(error: unknown): Conflict | null {
  if (!(error instanceof ProblemError) || error.code !== "precondition_failed") return null;
  const { etag, revision, actor, updated_at } = error.problem as Partial<SchemaSharedDraftView>;
  if (etag === undefined || revision === undefined) return null;
  return { kind: "shared", etag, revision, actor: actor ?? null, at: updated_at ?? null };
}
