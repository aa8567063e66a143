import type { Plugin } from "@/shared/plugins";
import { compareVersions } from "@/shared/plugins";

/** All versions of one plugin. */
export interface Family {
  readonly name: string;
  readonly latest: Plugin;
  /** The latest first. */
  readonly versions: readonly string[];
}

/** Return plugins with all of their versions, by title. */
export function familiesOf(plugins: readonly Plugin[]): readonly Family[] {
  return [...Map.groupBy(plugins, (plugin) => plugin.name)]
    .flatMap(([name, all]) => {
      const sorted = all.toSorted((one, other) => compareVersions(other.version, one.version));
      const [latest] = sorted;
      return latest === undefined
        ? []
        : [{ name, latest, versions: sorted.map((one) => one.version) }];
    })
    .toSorted((one, other) => one.latest.title.localeCompare(other.latest.title));
}

/** Return what a text finds: every word of it in name, title or description. */
export function matching(families: readonly Family[], text: string): readonly Family[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return families.filter(({ name, latest }) => {
    const searched = `${name} ${latest.title} ${latest.description}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

/** Return the first paragraph of a description, for lists. */
export function opening(description: string): string {
  return (description.trim().split(/\n\s*\n/)[0] ?? "").replaceAll(/\s+/g, " ");
}
