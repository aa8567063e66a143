import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { isStatus } from "@/shared/status";
import { retryMany } from "../api";
import type { Found } from "../logic/found";
import { instanceOf, nameOfFound } from "../logic/found";
import { countsOf, itemsOf, valueOf } from "../logic/items";
import type { Item } from "../logic/items";
import { placeOf } from "../logic/layers";
import { useRunState } from "./context";
import { toneOf } from "./InsideNode";
import classes from "./run.module.css";

const ALL = "all";

/** Items that are drawn at once; a filter leads to the others. */
const MOST = 1000;

/** The items of a map: how each stands, those that have failed to be tried again. */
export function ItemsPart({ found }: { readonly found: Found }) {
  const { t } = useTranslation(["run", "shared"]);
  const { go } = useRunState();
  const [wanted, want] = useState(ALL);
  const { node, layer } = found;
  if (node === null || layer.run === null) return null;
  const { items } = itemsOf(layer.run.instance, found.id, node);
  const counts = countsOf(items);
  const status = counts.has(wanted) ? wanted : ALL;
  const shown = status === ALL ? items : items.filter((one) => one.status === status);
  const word = (name: string) => (isStatus(name) ? t(`shared:status.${name}`) : name);
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        aria-label={t("items.label", { name: nameOfFound(found) })}
        value={status}
        onChange={want}
        data={[
          { value: ALL, label: `${t("items.all")} ${items.length}` },
          ...[...counts].map(([name, count]) => ({ value: name, label: `${word(name)} ${count}` })),
        ]}
      />
      <RetryFailed found={found} items={items} />
      <ul className={classes["grid"]} aria-label={t("items.label", { name: nameOfFound(found) })}>
        {shown.slice(0, MOST).map((item) => (
          <Cell
            key={item.index}
            index={item.index}
            status={item.status}
            label={t("items.item", { index: item.index, status: word(item.status) })}
            value={valueOf(node, item.index)}
            {...(item.node !== null && {
              onOpen: () => go({ node: placeOf(layer.at, item.nodeId), attempt: null }),
            })}
          />
        ))}
      </ul>
      {shown.length > MOST && (
        <Text size="xs" className="faint">
          {t("items.more", { count: shown.length - MOST })}
        </Text>
      )}
    </Stack>
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
function RetryFailed({ found, items }: { readonly found: Found; readonly items: readonly Item[] }) {
  const { t } = useTranslation("run");
  const instance = instanceOf(found) ?? "";
  const failed = items.filter((one) => one.node?.allowed.includes("retry") === true);
  const ids = failed.slice(0, MOST_NAMED).map((one) => one.nodeId);
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
