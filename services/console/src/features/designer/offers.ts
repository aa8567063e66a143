import type { SchemaTemplateView } from "@/api/schema";
import type { Part } from "@/canvas/edit";
import type { NodeKind } from "@/canvas/flow";
import type { Plugin } from "@/shared/plugins";
import { compareVersions } from "@/shared/plugins";

/** What is added, and what it is called then; without a name it is called by its id. */
export type Choice = Part & { readonly name?: string };

/** One thing that can be added to a flow. */
export interface Offer {
  readonly key: string;
  readonly group: "gateways" | "plugins" | "subflows";
  readonly kind: NodeKind;
  readonly title: string;
  readonly text: string;
  readonly choice: Choice;
}

const GATEWAYS = ["exclusive", "parallel", "conditional_parallel", "converge"] as const;

type Word = (typeof GATEWAYS)[number] | `${(typeof GATEWAYS)[number]}Text` | "map" | "mapText";

export interface Supply {
  readonly text: string;
  readonly plugins: readonly Plugin[];
  /** Those that match already, in the API's eyes. */
  readonly subflows: readonly SchemaTemplateView[];
  readonly words: (key: Word) => string;
  readonly runs: (template: string) => string;
}

/** What a map runs until somebody chooses something else. */
const MAPPED = "noop@1.0";

/** Return what matches a text, the best first within its group; everything for an empty one. */
export function offersOf({ text, plugins, subflows, words, runs }: Supply): Offer[] {
  const gateways = GATEWAYS.map((what): Offer => ({
    key: what,
    group: "gateways",
    kind: what,
    title: words(what),
    text: words(`${what}Text`),
    choice: { what },
  }));
  const map: Offer = {
    key: "map",
    group: "plugins",
    kind: "map",
    title: words("map"),
    text: words("mapText"),
    choice: { what: "map", plugin: MAPPED },
  };
  const activities = latest(plugins).map(({ name, version, title, description }): Offer => ({
    key: `plugin:${name}`,
    group: "plugins",
    kind: "activity",
    title: title === "" ? name : title,
    text: description === "" ? `${name}@${version}` : description,
    choice: { what: "plugin", plugin: `${name}@${version}`, name: title },
  }));
  const templates = subflows.map(({ key, title }): Offer => ({
    key: `subflow:${key}`,
    group: "subflows",
    kind: "subflow",
    title: title === "" ? key : title,
    text: runs(key),
    choice: { what: "subflow", template: key, name: title },
  }));
  const asked = text.trim().toLowerCase();
  const found = (offers: Offer[]) => ranked(offers, asked);
  const groups = [found(gateways), found([...activities, map]), found(templates)];
  // With a text, the group with the best match comes first: Enter adds what was meant.
  if (asked === "") return groups.flat();
  return groups.toSorted((one, other) => best(one, asked) - best(other, asked)).flat();
}

function best(offers: readonly Offer[], asked: string): number {
  return offers[0] === undefined ? Infinity : rank(offers[0], asked);
}

function ranked(offers: readonly Offer[], asked: string): Offer[] {
  return offers
    .map((offer) => ({ offer, at: rank(offer, asked) }))
    .filter(({ at }) => at < Infinity)
    .toSorted((one, other) => one.at - other.at)
    .map(({ offer }) => offer);
}

/** Return how well something matches: the smaller, the better; infinity where it does not. */
function rank({ title, key, text }: Offer, asked: string): number {
  if (asked === "") return 0;
  const name = key.replace(/^\w+:/, "").toLowerCase();
  const called = title.toLowerCase();
  if (called === asked || name === asked) return 0;
  if (called.startsWith(asked) || name.startsWith(asked)) return 1;
  if (called.includes(asked) || name.includes(asked)) return 2;
  return text.toLowerCase().includes(asked) ? 3 : Infinity;
}

/** Return the highest version of each plugin, by title. */
function latest(plugins: readonly Plugin[]): Plugin[] {
  const found = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const known = found.get(plugin.name);
    if (known === undefined || compareVersions(known.version, plugin.version) < 0) {
      found.set(plugin.name, plugin);
    }
  }
  return [...found.values()].toSorted((one, other) => one.title.localeCompare(other.title));
}
