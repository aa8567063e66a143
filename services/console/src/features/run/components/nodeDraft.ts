import type { NodeCommand } from "../api";
import type { Found } from "../logic/found";
import type { NodeVerb } from "../logic/operations";
import { secondsOf } from "../logic/operations";
import { readAsObject, written } from "./JsonField";

/** What a person has written so far about an operation. */
export interface NodeDraft {
  /** Whether inputs are those of the last attempt. */
  readonly isSame: boolean;
  readonly inputs: string;
  readonly outputs: string;
  readonly text: string;
  readonly time: string;
  readonly targets: readonly string[];
}

export function beginningOf({ node }: Found): NodeDraft {
  const last = node?.attempts.at(-1);
  return {
    isSame: true,
    inputs: written(last?.inputs ?? null),
    outputs: written(node?.outputs ?? null),
    text: "",
    time: "0",
    targets: [],
  };
}

/** Return what is asked for; null while something is missing or wrong. */
export function commandOf(verb: NodeVerb, draft: NodeDraft): NodeCommand | null {
  switch (verb) {
    case "retry":
    case "restart": {
      if (draft.isSame) return { verb, inputs: null };
      const inputs = readAsObject(draft.inputs);
      return inputs === null ? null : { verb, inputs };
    }
    case "force-succeed": {
      const outputs = readAsObject(draft.outputs);
      return outputs === null ? null : { verb, outputs };
    }
    case "reset-timer": {
      const seconds = secondsOf(draft.time);
      return seconds === null ? null : { verb, seconds };
    }
    case "choose":
      return draft.targets.length === 0 ? null : { verb, targets: draft.targets };
    case "force-fail":
      return { verb, message: draft.text };
    case "approve":
    case "reject":
      return { verb, comment: draft.text };
    case "skip":
    case "pause":
    case "resume":
      return { verb };
  }
}
