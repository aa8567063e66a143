import type { SchemaPublicationView } from "@/api/schema";
import { discardMine, publish, readShared, writeShared } from "./api";
import type { Drafting } from "./drafting";
import { conflictOf } from "./drafting";
import type { Editor } from "./model";
import type { Place } from "./panel/types";

/** Raised where somebody else has changed the shared draft since one's own was made from it. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** Make what is on the screen everybody's draft, and one's own no longer a draft apart. */
export async function shareDraft(place: Place, editor: Editor, drafting: Drafting): Promise<void> {
  await drafting.flush();
  const text = editor.text();
  const { base, etag } = drafting.state();
  try {
    const shared = await writeShared(place, text, `"${base}"`);
    if (etag !== null) await discardMine(place);
    drafting.restart(text, shared.revision);
  } catch (error) {
    const conflict = conflictOf(error);
    if (conflict === null) throw error;
    drafting.raise(conflict);
    throw new ConflictError("Somebody else has changed the shared draft", { cause: error });
  }
}

/** Share what is on the screen, and make it the latest version. */
export async function publishDraft(
  place: Place,
  editor: Editor,
  drafting: Drafting,
  note: string,
): Promise<SchemaPublicationView> {
  await shareDraft(place, editor, drafting);
  return publish(place, note);
}

/** Throw one's own draft away, and go on with the shared one. */
export async function discardDraft(place: Place, drafting: Drafting): Promise<void> {
  await drafting.flush();
  if (drafting.state().etag !== null) await discardMine(place);
  const shared = await readShared(place);
  drafting.restart(shared.source ?? "", shared.revision);
}
