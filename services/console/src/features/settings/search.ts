/** Parts of the page, in their order. */
export const TABS = [
  "variables",
  "secrets",
  "components",
  "sharing",
  "webhooks",
  "retention",
  "queues",
  "access",
] as const;

export type Tab = (typeof TABS)[number];

/** What the address of the page says. */
export interface SettingsSearch {
  readonly tab?: Tab;
}

/** Return what of an address the page understands. */
export function settingsSearch(given: Record<string, unknown>): SettingsSearch {
  const tab = TABS.find((one) => one === given["tab"]);
  return tab === undefined ? {} : { tab };
}
