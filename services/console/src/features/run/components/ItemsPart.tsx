import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { isStatus } from "@/shared/status";
import { itemsQuery, retryMany } from "../api";
import type { Found } from "../logic/found";
import { instanceOf, nameOfFound } from "../logic/found";
import type { Items } from "../logic/items";
import { MOST_ITEMS, PENDING, itemOfPage, itemsOf, valueOf } from "../logic/items";
import { placeOf } from "../logic/layers";
import { useReread } from "../useReread";
import { useRunState } from "./context";
import { toneOf } from "./InsideNode";
import classes from "./run.module.css";

const ALL = "all";

/** The items of a map: how each stands, those that have failed to be tried again. */
export function ItemsPart({ found }: { readonly found: Found }) {
  const { t } = useTranslation(["run", "shared"]);
  const [wanted, want] = useState(ALL);
  const { node, layer } = found;
  if (node === null || layer.run === null) return null;
  const items = itemsOf(layer.run.instance, found.id, node);
  const status = items.counts.has(wanted) ? wanted : ALL;
  const word = (name: string) => (isStatus(name) ? t(`shared:status.${name}`) : name);
  const Part = items.isPaged ? Pages : Whole;
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={t("items.label", { name: nameOfFound(found) })}
        value={status}
        onChange={want}
        data={[
          { value: ALL, label: `${t("items.all")} ${items.total}` },
          ...[...items.counts].map(([name, count]) => ({
            value: name,
            label: `${word(name)} ${count}`,
          })),
        ]}
      />
      <Part found={found} items={items} status={status} />
    </Stack>
  );
}

interface PartProps {
  readonly found: Found;
  readonly items: Items;
  readonly status: string;
}

/** A map whose items are all known. */
function Whole({ found, items: { items }, status }: PartProps) {
  const shown = status === ALL ? items : items.filter((one) => one.status === status);
  const failed = items.filter((one) => one.node?.allowed.includes("retry") === true);
  return (
    <>
      <RetryFailed found={found} ids={failed.map((one) => one.nodeId)} />
      <Grid found={found} items={shown.map((one) => ({ ...one, canOpen: one.node !== null }))} />
    </>
  );
}

/** A map with more items than anybody looks at at once. */
function Pages({ found, items, status }: PartProps) {
  const { t } = useTranslation("run");
  const instance = instanceOf(found) ?? "";
  const revision = found.layer.run?.instance.revision ?? 0;
  const list = useInfiniteQuery({
    ...itemsQuery(instance, found.id, status === ALL ? null : status),
    enabled: status !== PENDING,
  });
  const failed = useInfiniteQuery({
    ...itemsQuery(instance, found.id, "failed"),
    enabled: items.failed > 0,
  });
  useReread(["items", instance, found.id], revision);
  const shown = (list.data?.pages ?? []).flatMap((page) => page.items.map(itemOfPage));
  // Once none has failed, what was read last is not asked for again.
  const again = items.failed > 0 ? (failed.data?.pages[0]?.items ?? []).map(itemOfPage) : [];
  const pending = items.counts.get(PENDING) ?? 0;
  const total = status === ALL ? items.total - pending : (items.counts.get(status) ?? 0);
  // A page may be newer than the counts: that there is another one is certain all the same.
  const further = Math.min(MOST_ITEMS, Math.max(1, total - shown.length));
  return (
    <>
      <RetryFailed
        found={found}
        ids={again.filter((one) => one.allowed.includes("retry")).map((one) => one.nodeId)}
      />
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isLoading && <Rows />}
      {status !== PENDING && (
        <Grid found={found} items={shown.map((one) => ({ ...one, canOpen: true }))} />
      )}
      {list.hasNextPage && status !== PENDING && (
        <Group>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t("items.showMore", { count: further })}
          </Button>
        </Group>
      )}
      {pending > 0 && (status === ALL || status === PENDING) && (
        <Text size="xs" className="faint">
          {t("items.pending", { count: pending })}
        </Text>
      )}
    </>
  );
}

interface Shown {
  readonly index: number;
  readonly nodeId: string;
  readonly status: string;
  readonly canOpen: boolean;
}

function Grid({ found, items }: { readonly found: Found; readonly items: readonly Shown[] }) {
  const { t } = useTranslation(["run", "shared"]);
  const { go } = useRunState();
  const { node, layer } = found;
  const word = (name: string) => (isStatus(name) ? t(`shared:status.${name}`) : name);
  return (
    <ul className={classes["grid"]} aria-label={t("items.label", { name: nameOfFound(found) })}>
      {items.map((item) => (
        <Cell
          key={item.index}
          index={item.index}
          status={item.status}
          label={t("items.item", { index: item.index, status: word(item.status) })}
          value={node === null ? "" : valueOf(node, item.index)}
          {...(item.canOpen && {
            onOpen: () => go({ node: placeOf(layer.at, item.nodeId), attempt: null }),
          })}
        />
      ))}
    </ul>
  );
}

interface CellProps {
  readonly index: number;
  readonly status: string;
  readonly label: string;
  readonly value: string;
  readonly onOpen?: () => void;
}

const Cell = memo(
  function Cell({ index, status, label, value, onOpen }: CellProps) {
    return (
      <li>
        <button
          type="button"
          className={classes["cell"]}
          data-tone={toneOf(status)}
          aria-label={value === "" ? label : `${label}, ${value}`}
          title={value === "" ? label : `${label}\n${value}`}
          disabled={onOpen === undefined}
          onClick={onOpen}
        >
          {index}
        </button>
      </li>
    );
  },
  (before, after) => before.status === after.status && before.label === after.label,
);

/** As many as one request may name. */
const MOST_NAMED = 500;

/**
 * A map that has failed takes up by itself what has failed; while it goes on, its failed items are
 * tried again one by one.
 */
function RetryFailed({
  found,
  ids: failed,
}: {
  readonly found: Found;
  readonly ids: readonly string[];
}) {
  const { t } = useTranslation("run");
  const instance = instanceOf(found) ?? "";
  const ids = failed.slice(0, MOST_NAMED);
  const retrying = useMutation({ mutationFn: () => retryMany(instance, ids) });
  const taken = retrying.data?.items ?? [];
  const refused = taken.filter((one) => one.problem !== null);
  if (failed.length === 0 && taken.length === 0 && retrying.error === null) return null;
  return (
    <Stack gap={4}>
      {ids.length > 0 && (
        <Group>
          <Button
            variant="default"
            leftSection={<RotateCw size={14} aria-hidden />}
            loading={retrying.isPending}
            onClick={() => retrying.mutate()}
          >
            {t("items.retryFailed", { count: ids.length })}
          </Button>
        </Group>
      )}
      {retrying.error !== null && <ProblemPanel error={retrying.error} />}
      {taken.length > 0 && (
        <Text size="xs" aria-live="polite">
          {t("items.retrying", { count: taken.length - refused.length })}{" "}
          {refused.length > 0 && t("items.refused", { count: refused.length })}{" "}
          {refused[0]?.problem?.detail}
        </Text>
      )}
    </Stack>
  );
}
