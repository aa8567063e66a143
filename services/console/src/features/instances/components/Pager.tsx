import { ChevronRight, ChevronsLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/links";
import type { InstanceSearch } from "../search";

/** The way to older instances, and back to the newest; what was between is one step back. */
export function Pager({
  project,
  search,
  next,
}: {
  readonly project: string;
  readonly search: InstanceSearch;
  readonly next: string | null;
}) {
  const { t } = useTranslation("shared");
  const { cursor, ...first } = search;
  return (
    <>
      {cursor !== undefined && (
        <LinkButton
          to="/projects/$project/instances"
          params={{ project }}
          search={first}
          leftSection={<ChevronsLeft size={14} aria-hidden />}
        >
          {t("newest")}
        </LinkButton>
      )}
      {next !== null && (
        <LinkButton
          to="/projects/$project/instances"
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
