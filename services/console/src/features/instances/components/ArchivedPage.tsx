import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { ArchivedSearch } from "../archived";
import { archivedQuery } from "../archived";
import { ArchivedFilters } from "./ArchivedFilters";
import { ArchivedTable } from "./ArchivedTable";
import { Pager } from "./Pager";
import { WhichList } from "./WhichList";

/** The list of a project's archived instances: narrowed by its address, a page at a time. */
export function ArchivedPage() {
  const { t } = useTranslation("instances");
  const { project } = useParams({ from: "/inside/projects/$project/instances/archived" });
  const search = useSearch({ from: "/inside/projects/$project/instances/archived" });
  const navigate = useNavigate({ from: "/projects/$project/instances/archived" });
  const leave = () => {
    const { from: _, until: __, cursor: ___, ...same } = search;
    void navigate({ to: "/projects/$project/instances", params: { project }, search: same });
  };
  return (
    <>
      <PageHead title={t("archived.title")}>
        <WhichList list="archived" onChange={leave} />
      </PageHead>
      <ArchivedFilters
        project={project}
        search={search}
        onChange={(next) => void navigate({ search: next })}
      />
      <List key={project} project={project} search={search} />
    </>
  );
}

function List({ project, search }: { readonly project: string; readonly search: ArchivedSearch }) {
  const list = useQuery(archivedQuery(project, search));
  const { cursor, ...first } = search;
  const problem = list.error !== null && (
    <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
  );
  if (list.data === undefined) return problem === false ? <Rows count={12} /> : problem;
  return (
    <>
      {problem}
      <ArchivedTable project={project} rows={list.data.items} search={search} />
      <Group justify="flex-end" mt="sm">
        <Pager
          to="/projects/$project/instances/archived"
          project={project}
          first={first}
          cursor={cursor}
          next={list.data.next_cursor}
        />
      </Group>
    </>
  );
}
