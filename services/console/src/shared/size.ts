const STEPS = [
  ["gigabyte", 1_000_000_000],
  ["megabyte", 1_000_000],
  ["kilobyte", 1000],
] as const;

/** Return a number of bytes as people say it, in their language: "4.2 MB". */
export function size(bytes: number, language: string): string {
  const [unit, length] = STEPS.find(([, least]) => bytes >= least) ?? ["kilobyte", 1000];
  const count = bytes / length;
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: count < 10 ? 1 : 0,
  });
  return format.format(count);
}
