import { Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FilterRow } from "@/shared/FilterRow";
import { Nothing, PageHead, Rows } from "@/shared/Page";
import { pluginsQuery } from "@/shared/plugins";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { WordInput } from "@/shared/WordInput";
import type { Family } from "../families";
import { familiesOf, matching, opening } from "../families";
import { Alive } from "./Alive";
import classes from "./plugins.module.css";
import { Traits } from "./Traits";

/** What nodes can run. */
export function PluginsPage() {
  const { t } = useTranslation("plugins");
  const { project } = useParams({ from: "/inside/projects/$project/plugins" });
  const { text = "" } = useSearch({ from: "/inside/projects/$project/plugins" });
  const navigate = useNavigate({ from: "/projects/$project/plugins" });
  const list = useQuery(pluginsQuery);
  return (
    <>
      <PageHead title={t("title")} below={<Alive project={project} />} />
      <FilterRow
        label={t("filter.title")}
        search={
          <WordInput
            label={t("filter.text")}
            value={text}
            isSearch
            onChange={(next) =>
              void navigate({ search: next === "" ? {} : { text: next }, replace: true })
            }
          />
        }
      />
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data === undefined && list.error === null && <Rows count={10} />}
      {list.data !== undefined && (
        <PluginTable project={project} families={matching(familiesOf(list.data), text)} />
      )}
    </>
  );
}

function PluginTable({
  project,
  families,
}: {
  readonly project: string;
  readonly families: readonly Family[];
}) {
  const { t } = useTranslation("plugins");
  if (families.length === 0) {
    return (
      <div className="card">
        <Nothing title={t("none.title")}>{t("none.text")}</Nothing>
      </div>
    );
  }
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={6} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.plugin")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.traits")}</Table.Th>
            <Table.Th w={140}>{t("column.versions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {families.map((family) => (
            <Line key={family.name} project={project} family={family} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Line({ project, family }: { readonly project: string; readonly family: Family }) {
  const { name, latest, versions } = family;
  const address = "/projects/$project/plugins/$name/$version";
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8} wrap="wrap" style={{ rowGap: 0 }}>
          <Link
            to={address}
            params={{ project, name, version: latest.version }}
            className={`link ${classes["title"] ?? ""}`}
          >
            {latest.title}
          </Link>
          <span className="faint code">{name}</span>
        </Group>
        <Text size="xs" className="faint" lineClamp={2}>
          {opening(latest.description)}
        </Text>
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>
        <Traits plugin={latest} />
      </Table.Td>
      <Table.Td className="numbers">
        <Group gap={8}>
          {versions.map((version) => (
            <Link key={version} to={address} params={{ project, name, version }} className="link">
              {version}
              <span className="unseen"> {latest.title}</span>
            </Link>
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
