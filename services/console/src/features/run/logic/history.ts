import type { SchemaCommandView, SchemaFailureView, SchemaInstanceView } from "@/api/schema";

/** Something that happened: somebody asked for it, or an attempt has failed, or all is over. */
export type Happening =
  | { readonly at: string; readonly kind: "asked"; readonly command: SchemaCommandView }
  | {
      readonly at: string;
      readonly kind: "failed";
      readonly node: string;
      readonly number: number;
      readonly failure: SchemaFailureView;
    }
  | { readonly at: string; readonly kind: "ended"; readonly status: string };

/** Most failures that are told; an attempt's own page tells of all. */
const MOST_FAILURES = 100;

/**
 * Return what happened, the latest first.
 *
 * @param commands - What was asked for, the latest first, as far as it is read.
 * @param isWhole - Whether there is nothing older than these.
 */
export function happeningsOf(
  view: SchemaInstanceView,
  commands: readonly SchemaCommandView[],
  isWhole: boolean,
): readonly Happening[] {
  const asked = commands.map((command): Happening => {
    return { at: command.created_at, kind: "asked", command };
  });
  const oldest = isWhole ? "" : (commands.at(-1)?.created_at ?? "");
  const failed = view.nodes
    .flatMap(({ node_id: node, attempts }) =>
      attempts.flatMap(({ number, failure, closed_at: at }): Happening[] =>
        failure === null || at === null ? [] : [{ at, kind: "failed", node, number, failure }],
      ),
    )
    .toSorted(latestFirst)
    .slice(0, MOST_FAILURES);
  const { ended_at: at, status } = view;
  const ended: Happening[] = at === null ? [] : [{ at, kind: "ended", status }];
  return [...ended, ...asked, ...failed.filter((one) => isLater(one.at, oldest))].toSorted(
    latestFirst,
  );
}

function latestFirst(one: Happening, other: Happening): number {
  return Date.parse(other.at) - Date.parse(one.at);
}

function isLater(at: string, oldest: string): boolean {
  return oldest === "" || Date.parse(at) >= Date.parse(oldest);
}
