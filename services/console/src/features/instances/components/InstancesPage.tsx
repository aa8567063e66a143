import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/shared/clock";
import { instancesQuery, useLiveInstances } from "@/shared/instances";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { searchBeside } from "../archived";
import type { Row } from "../rows";
import type { InstanceSearch } from "../search";
import { PAGE_SIZE, apiQuery } from "../search";
import { BulkBar } from "./BulkBar";
import { Filters } from "./Filters";
import { InstanceTable } from "./InstanceTable";
import { Pager } from "./Pager";
import { SavedFilters } from "./SavedFilters";
import { WhichList } from "./WhichList";

const MINUTE_MS = 60_000;

/** The list of a project's instances: live, narrowed by its address, a page at a time. */
export function InstancesPage() {
  const { t } = useTranslation("instances");
  const { project } = useParams({ from: "/inside/projects/$project/instances" });
  const search = useSearch({ from: "/inside/projects/$project/instances" });
  const navigate = useNavigate({ from: "/projects/$project/instances" });
  const change = (next: InstanceSearch, replace = false) =>
    void navigate({ search: next, replace });
  const leave = () =>
    void navigate({
      to: "/projects/$project/instances/archived",
      params: { project },
      search: searchBeside(search),
    });
  return (
    <>
      <PageHead title={t("title")}>
        <WhichList list="present" onChange={leave} />
        <SavedFilters project={project} search={search} onChange={change} />
      </PageHead>
      <Filters project={project} search={search} onChange={change} />
      <List key={project} project={project} search={search} />
    </>
  );
}

function List({ project, search }: { readonly project: string; readonly search: InstanceSearch }) {
  const minute = useNow((now) => Math.floor(now.getTime() / MINUTE_MS));
  const query = apiQuery(search, new Date(minute * MINUTE_MS));
  const list = useQuery(instancesQuery(project, { ...query, limit: PAGE_SIZE }));
  const [selection, setSelection] = useState<ReadonlyMap<string, Row>>(new Map());
  const { cursor, ...first } = search;
  useLiveInstances(project);
  if (list.data === undefined) {
    if (list.error !== null) {
      return <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />;
    }
    return <Rows count={12} />;
  }
  return (
    <>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      <BulkBar
        project={project}
        query={query}
        selection={asTheyAre(selection, list.data.items)}
        onSelect={setSelection}
      />
      <InstanceTable
        // What is still shown of another search is not what anybody points at.
        key={list.isPlaceholderData ? "before" : JSON.stringify(search)}
        project={project}
        rows={list.data.items}
        search={search}
        selection={selection}
        onSelect={setSelection}
      />
      <Group justify="flex-end" mt="sm">
        <Pager
          to="/projects/$project/instances"
          project={project}
          first={first}
          cursor={cursor}
          next={list.data.next_cursor}
        />
      </Group>
    </>
  );
}

/** What is selected, as it is now where the page shows it: it may have changed since. */
function asTheyAre(selection: ReadonlyMap<string, Row>, rows: readonly Row[]) {
  const known = rows.filter((row) => selection.has(row.instance_id));
  return new Map([...selection, ...known.map((row) => [row.instance_id, row] as const)]);
}
