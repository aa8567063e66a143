/** Times as people say them, in their language. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number, number])[] = [
  ["second", SECOND, 60],
  ["minute", MINUTE, 60],
  ["hour", HOUR, 24],
  ["day", DAY, 30],
  ["month", 30 * DAY, 12],
];

/** Return how long ago an instant is, or how far ahead: "2 minutes ago". */
export function relative(instant: Date, now: Date, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const distance = instant.getTime() - now.getTime();
  for (const [unit, length, most] of STEPS) {
    const count = Math.trunc(distance / length);
    if (Math.abs(count) < most) return format.format(count === 0 ? 0 : count, unit);
  }
  return format.format(Math.trunc(distance / (365 * DAY)), "year");
}

/** Return an instant as date and time, to the second, with its zone. */
export function exact(instant: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long" }).format(
    instant,
  );
}

/** Return a length of time in its two largest units: "1h 12m". */
export function duration(milliseconds: number): string {
  const total = Math.max(0, milliseconds);
  if (total < SECOND) return `${Math.round(total)}ms`;
  if (total < 10 * SECOND) return `${(Math.floor(total / 100) / 10).toFixed(1)}s`;
  const parts = [
    [Math.floor(total / DAY), "d"],
    [Math.floor(total / HOUR) % 24, "h"],
    [Math.floor(total / MINUTE) % 60, "m"],
    [Math.floor(total / SECOND) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** Return after how long what is shown of a distance may be another. */
export function freshFor(milliseconds: number): number {
  return Math.abs(milliseconds) < MINUTE ? SECOND : 15 * SECOND;
}
