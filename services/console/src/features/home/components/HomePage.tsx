import { Group, SimpleGrid, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import type { InstanceQuery } from "@/shared/instances";
import { instancesQuery, useLiveInstances } from "@/shared/instances";
import { InstanceLines } from "@/shared/InstanceLines";
import { PageHead } from "@/shared/Page";
import { longest } from "../longest";
import { FirstTime } from "./FirstTime";
import classes from "./home.module.css";
import { Queues } from "./Queues";
import { Waiting } from "./Waiting";

const SHOWN = 6;

/** How many running instances are looked through for the longest: as many as a page holds. */
const LOOKED_THROUGH = 200;

/** What runs, what failed, what waits for somebody, what is slow. */
export function HomePage() {
  const { t } = useTranslation("home");
  const { project } = useParams({ from: "/inside/projects/$project/" });
  useLiveInstances(project);
  return (
    <>
      <PageHead title={t("title")} />
      <FirstTime project={project} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Listed project={project} name="failed" query={{ status: ["failed"] }} />
        <Waiting project={project} />
        <Listed project={project} name="running" query={{ status: ["running"] }} />
        <Slow project={project} />
        <Listed project={project} name="paused" query={{ status: ["paused"] }} />
        <Listed project={project} name="succeeded" query={{ status: ["succeeded"] }} />
      </SimpleGrid>
      <Queues />
    </>
  );
}

type Name = "failed" | "running" | "paused" | "succeeded";

const SEARCHES = {
  failed: { status: ["failed"] },
  running: { status: ["running"] },
  paused: { status: ["paused"] },
  succeeded: { status: ["succeeded"] },
} as const;

function Listed({
  project,
  name,
  query,
}: {
  readonly project: string;
  readonly name: Name;
  readonly query: InstanceQuery;
}) {
  const { t } = useTranslation("home");
  const list = useQuery(instancesQuery(project, { ...query, limit: SHOWN }));
  const all = (
    <LinkText
      to="/projects/$project/instances"
      params={{ project }}
      search={SEARCHES[name]}
      aria-label={t("allOf", { name: t(`panel.${name}`) })}
    >
      {t("all")}
    </LinkText>
  );
  return (
    <Panel title={t(`panel.${name}`)} more={all}>
      <InstanceLines list={list} none={t(`none.${name}`)} />
    </Panel>
  );
}

function Slow({ project }: { readonly project: string }) {
  const { t } = useTranslation("home");
  const list = useQuery(instancesQuery(project, { status: ["running"], limit: LOOKED_THROUGH }));
  return (
    <Panel title={t("panel.slow")}>
      <InstanceLines
        list={list}
        choose={(rows) => longest(rows, SHOWN, new Date(list.dataUpdatedAt))}
        none={t("none.slow")}
      />
    </Panel>
  );
}

export function Panel({
  title,
  more,
  children,
}: {
  readonly title: string;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`card ${classes["panel"] ?? ""}`}>
      <Group justify="space-between" px="sm" py={8} className={classes["head"] ?? ""}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {more}
      </Group>
      {children}
    </section>
  );
}
