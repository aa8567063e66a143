import { Button, SegmentedControl, Select, Stack, Switch } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shownList } from "@/shared/held";
import { Nothing, PageHead, Rows } from "@/shared/Page";
import { More } from "@/shared/More";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { WaitingCount, WaitingNode } from "@/shared/waiting";
import { shownCounts, useLiveWaiting, waitingCountQuery } from "@/shared/waiting";
import { isBeyond, waitOf, without } from "../acts";
import { waitingQuery } from "../api";
import type { Kind, WaitingSearch } from "../search";
import { KINDS } from "../search";
import { useHolding } from "../useHolding";
import classes from "./waiting.module.css";
import { WaitingCard } from "./WaitingCard";

/** Who waits to decide something reads no faster. */
const PAUSE_MS = 1000;

/** All that does not go on without a person, and what a person can do about it in its place. */
export function WaitingPage() {
  const { t } = useTranslation("waiting");
  const { project } = useParams({ from: "/inside/projects/$project/waiting" });
  const search = useSearch({ from: "/inside/projects/$project/waiting" });
  const navigate = useNavigate({ from: "/projects/$project/waiting" });
  const counts = useQuery(waitingCountQuery(project, search.mine === true));
  const change = (next: WaitingSearch) => void navigate({ search: next });
  useLiveWaiting(project, PAUSE_MS);
  return (
    <div className={classes["page"]}>
      <PageHead title={t("title")}>
        <Switch
          size="xs"
          label={t("mine")}
          checked={search.mine === true}
          onChange={(event) => {
            const { mine: _, ...rest } = search;
            change(event.currentTarget.checked ? { ...rest, mine: true } : rest);
          }}
        />
        <Select
          aria-label={t("sort.label")}
          w={170}
          data={(["-since", "since"] as const).map((one) => ({
            value: one,
            label: t(`sort.${one}`),
          }))}
          value={search.sort ?? "-since"}
          allowDeselect={false}
          onChange={(sort) => {
            const { sort: _, ...rest } = search;
            change(sort === "since" ? { ...rest, sort } : rest);
          }}
        />
        <KindChoice
          kind={search.kind ?? null}
          counts={counts.data}
          onChange={(kind) => {
            const { kind: _, ...rest } = search;
            change(kind === null ? rest : { ...rest, kind });
          }}
        />
      </PageHead>
      <List key={`${project} ${JSON.stringify(search)}`} project={project} search={search} />
    </div>
  );
}

function KindChoice({
  kind,
  counts,
  onChange,
}: {
  readonly kind: Kind | null;
  readonly counts: WaitingCount | undefined;
  readonly onChange: (kind: Kind | null) => void;
}) {
  const { t } = useTranslation("waiting");
  const numbers = counts === undefined ? undefined : shownCounts(counts);
  return (
    <SegmentedControl
      aria-label={t("kind.label")}
      value={kind ?? "all"}
      data={(["all", ...KINDS] as const).map((one) => ({
        value: one,
        label: (
          <span className="numbers">
            {t(`kind.${one}`)}
            {numbers !== undefined && <span className="faint"> {numbers[one]}</span>}
          </span>
        ),
      }))}
      onChange={(next) => onChange(KINDS.find((one) => one === next) ?? null)}
    />
  );
}

function List({ project, search }: { readonly project: string; readonly search: WaitingSearch }) {
  const list = useInfiniteQuery(waitingQuery(project, search));
  if (list.data === undefined) {
    if (list.error === null) return <Rows count={4} />;
    return <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />;
  }
  return (
    <Stack gap="sm">
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      <Cards
        project={project}
        nodes={list.data.pages.flatMap((page) => page.items)}
        hasMore={list.hasNextPage}
      />
      <More list={list} />
    </Stack>
  );
}

function Cards({
  project,
  nodes,
  hasMore,
}: {
  readonly project: string;
  readonly nodes: readonly WaitingNode[];
  /** Whether these are not all. */
  readonly hasMore: boolean;
}) {
  const { t } = useTranslation("waiting");
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const fresh = without(nodes, done);
  const { held, release, place, holding } = useHolding(fresh, done);
  const shown = shownList(fresh, held && without(held, done), waitOf);
  return (
    <>
      {shown.waiting > 0 && (
        <Button
          className={classes["news"] ?? ""}
          leftSection={<ArrowUp size={14} aria-hidden />}
          onClick={release}
        >
          {t("news", { count: shown.waiting })}
        </Button>
      )}
      {shown.items.length === 0 && (
        <div className="card">
          <Nothing title={t("none.title")}>{t("none.text")}</Nothing>
        </div>
      )}
      <ul className={classes["list"]} aria-label={t("title")} ref={place} {...holding}>
        {shown.items.map(({ item: node, isGone }) => (
          <WaitingCard
            key={waitOf(node)}
            project={project}
            node={node}
            isGone={isGone && !(hasMore && isBeyond(node, fresh))}
            onDone={() => setDone((before) => new Set(before).add(waitOf(node)))}
          />
        ))}
      </ul>
    </>
  );
}
