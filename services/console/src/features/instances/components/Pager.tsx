import { ChevronRight, ChevronsLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/links";

interface Props<S> {
  /** The list's address. */
  readonly to: "/projects/$project/instances" | "/projects/$project/instances/archived";
  readonly project: string;
  /** What narrows the list, without the place in it. */
  readonly first: S;
  readonly cursor: string | undefined;
  readonly next: string | null;
}

/** The way to older instances, and back to the newest; what was between is one step back. */
export function Pager<S extends object>({ to, project, first, cursor, next }: Props<S>) {
  const { t } = useTranslation("shared");
  return (
    <>
      {cursor !== undefined && (
        <LinkButton
          to={to}
          params={{ project }}
          search={first}
          leftSection={<ChevronsLeft size={14} aria-hidden />}
        >
          {t("newest")}
        </LinkButton>
      )}
      {next !== null && (
        <LinkButton
          to={to}
          params={{ project }}
          search={{ ...first, cursor: next }}
          rightSection={<ChevronRight size={14} aria-hidden />}
        >
          {t("older")}
        </LinkButton>
      )}
    </>
  );
}
