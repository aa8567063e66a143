import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNow } from "./clock";
import { duration, exact, relative } from "./time";

/** An instant as it is from now, with date and time on hover and for readers of screens. */
export function Ago({ at }: { readonly at: string | null }) {
  const { i18n } = useTranslation();
  const instant = new Date(at ?? 0);
  const text = useNow((now) => (at === null ? "–" : relative(instant, now, i18n.language)));
  if (at === null) return text;
  const whole = exact(instant, i18n.language);
  return (
    <Tooltip label={whole} openDelay={200}>
      <time dateTime={at}>{text}</time>
    </Tooltip>
  );
}

/** How long something took, or has been taking. */
export function Took({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  const text = useNow((now) => {
    if (from === null) return "–";
    const end = to === null ? now.getTime() : new Date(to).getTime();
    return duration(end - new Date(from).getTime());
  });
  return <span className="numbers">{text}</span>;
}
