import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronRight, ChevronsLeft, FileInput } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLiveInstances } from "@/shared/instances";
import { LinkButton } from "@/shared/links";
import { NewTemplateButton } from "@/shared/newTemplate/NewTemplateButton";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { templatesQuery } from "../api";
import type { TemplateSearch } from "../search";
import { TemplateFilters } from "./TemplateFilters";
import { TemplateTable } from "./TemplateTable";

/** The list of a project's templates. */
export function TemplatesPage() {
  const { t } = useTranslation("templates");
  const { project } = useParams({ from: "/inside/projects/$project/templates" });
  const search = useSearch({ from: "/inside/projects/$project/templates" });
  const navigate = useNavigate({ from: "/projects/$project/templates" });
  const list = useQuery(templatesQuery(project, search));
  useLiveInstances(project);
  const change = (next: TemplateSearch) => void navigate({ search: next });
  return (
    <>
      <PageHead title={t("title")}>
        <LinkButton
          to="/projects/$project/templates/import"
          params={{ project }}
          leftSection={<FileInput size={14} aria-hidden />}
        >
          {t("import")}
        </LinkButton>
        <NewTemplateButton project={project}>{t("new")}</NewTemplateButton>
      </PageHead>
      <TemplateFilters project={project} search={search} onChange={change} />
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data === undefined && list.error === null && <Rows count={10} />}
      {list.data !== undefined && (
        <>
          <TemplateTable project={project} templates={list.data.items} search={search} />
          <Group justify="flex-end" mt="sm">
            <Pages project={project} search={search} next={list.data.next_cursor} />
          </Group>
        </>
      )}
    </>
  );
}

function Pages({
  project,
  search,
  next,
}: {
  readonly project: string;
  readonly search: TemplateSearch;
  readonly next: string | null;
}) {
  const { t } = useTranslation("templates");
  const { cursor, ...first } = search;
  return (
    <>
      {cursor !== undefined && (
        <LinkButton
          to="/projects/$project/templates"
          params={{ project }}
          search={first}
          leftSection={<ChevronsLeft size={14} aria-hidden />}
        >
          {t("page.first")}
        </LinkButton>
      )}
      {next !== null && (
        <LinkButton
          to="/projects/$project/templates"
          params={{ project }}
          search={{ ...first, cursor: next }}
          rightSection={<ChevronRight size={14} aria-hidden />}
        >
          {t("page.next")}
        </LinkButton>
      )}
    </>
  );
}
