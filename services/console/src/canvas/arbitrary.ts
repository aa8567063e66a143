/** Random definitions for tests: sound and unsound ones, written in every way that the format has. */

import fc from "fast-check";
import type { Json, JsonObject } from "./flow";

const WORDS = fc.constantFrom("alpha", "beta", "gamma", "delta", "Ünïcode", "on", "007");
const VALUES = fc.oneof(
  WORDS,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(WORDS, { maxLength: 2 }),
) as fc.Arbitrary<Json>;

function optional(keys: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> {
  return fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}

/** Where something may lead: a node, the end, or one that there is not. */
function target(ids: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...ids, "end", "nowhere");
}

function branch(ids: readonly string[]): fc.Arbitrary<Json> {
  const next = target(ids);
  const name = fc.option(WORDS, { nil: undefined });
  return fc
    .oneof(
      fc.record({ when: WORDS, next, name }),
      fc.record({ boolrule: WORDS, next, name }),
      fc.record({ default: fc.constant(true), next, name }),
      fc.record({ when: WORDS }),
    )
    .map(without);
}

/** A key whose value is not there is no key. */
function without(value: object): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}

function node(id: string, ids: readonly string[]): fc.Arbitrary<JsonObject> {
  const common = optional({
    name: WORDS,
    inputs: fc.dictionary(WORDS, VALUES, { maxKeys: 2 }),
    retry: fc.integer({ min: 1, max: 9 }),
    unknown_key: VALUES,
    next: fc.oneof(target(ids), fc.constant(null), fc.constant("")),
  });
  const named = optional({ name: WORDS });
  const several = fc.array(branch(ids), { maxLength: 4 });
  const parallel = fc.array(
    fc.oneof(target(ids), fc.record({ next: target(ids), name: WORDS }) as fc.Arbitrary<Json>),
    { maxLength: 4 },
  );
  return fc.oneof(
    common.map((keys) => ({ id, plugin: "noop@1.0", ...keys })),
    common.map((keys) => ({ id, plugin: "noop@1.0", map: { items: ["a"] }, ...keys })),
    common.map((keys) => ({ id, subflow: "other", ...keys })),
    common.map((keys) => ({ id, converge: true, ...keys })),
    fc.tuple(named, several).map(([keys, branches]) => ({ id, exclusive: branches, ...keys })),
    fc.tuple(named, several).map(([keys, all]) => ({ id, conditional_parallel: all, ...keys })),
    fc.tuple(named, parallel).map(([keys, branches]) => ({ id, parallel: branches, ...keys })),
  );
}

function nodes(): fc.Arbitrary<JsonObject[]> {
  return fc
    .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f", "g-1", "h_2"), { minLength: 1 })
    .chain((ids) => fc.tuple(...ids.map((id) => node(id, ids))));
}

const JUNK: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  null,
  7,
  "text",
  {},
  { id: "no-kind" },
  { id: 5, plugin: "noop@1.0" },
  { plugin: "noop@1.0" },
  { id: "a", plugin: "noop@1.0" },
  { id: "j", parallel: 3 },
  { id: "k", exclusive: [1, null, "x"] },
);

const LAYOUT = fc.dictionary(
  fc.constantFrom("a", "b", "start", "end", "gone"),
  fc.oneof(fc.tuple(fc.integer(), fc.integer()), fc.constant("junk")),
) as fc.Arbitrary<Json>;

function document(list: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(
      list,
      optional({
        title: WORDS,
        inputs: VALUES,
        constants: VALUES,
        outputs: VALUES,
        layout: LAYOUT,
      }),
    )
    .map(([all, keys]) => ({ flowyard: 1, key: "flow", ...keys, nodes: all }));
}

/** Definitions that could be drawn by hand, sound or not. */
export const definitions = document(nodes());

/** Definitions that are typed: anything may stand among the nodes. */
export const drafts = document(
  fc
    .tuple(nodes(), fc.array(JUNK, { maxLength: 3 }), fc.boolean())
    .map(([some, junk, isFirst]) => (isFirst ? [...junk, ...some] : [...some, ...junk])),
);
