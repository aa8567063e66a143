import { Button, Checkbox, Group, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { memo, useState } from "react";
import type { FocusEvent, PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { shownList } from "@/shared/held";
import { Nothing } from "@/shared/Page";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago, Took } from "@/shared/Time";
import type { Row } from "../rows";
import { between } from "../rows";
import type { InstanceSearch } from "../search";
import { isNarrowed } from "../search";
import classes from "./instances.module.css";
import { NameLink } from "./NameLink";

const idOf = (row: Row) => row.instance_id;

export type Selection = ReadonlyMap<string, Row>;

interface Props {
  readonly project: string;
  readonly rows: readonly Row[];
  readonly search: InstanceSearch;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
}

/** The rows. While somebody points at them they stay where they are. */
export function InstanceTable({ project, rows, search, selection, onSelect }: Props) {
  const { t } = useTranslation("instances");
  const [held, setHeld] = useState<readonly Row[] | null>(null);
  const [last, setLast] = useState<string | null>(null);
  const shown = shownList(rows, held, idOf);
  const all = shown.items.map(({ item }) => item);
  const hold = () => setHeld((before) => before ?? rows);
  const select = (chosen: readonly Row[], isSelected: boolean) => {
    const next = new Map(selection);
    for (const row of chosen) {
      if (isSelected) next.set(row.instance_id, row);
      else next.delete(row.instance_id);
    }
    onSelect(next);
  };
  const toggle = (row: Row, isSelected: boolean, isRange: boolean) => {
    const ids = new Set(
      between(
        all.map((one) => one.instance_id),
        isRange ? last : null,
        row.instance_id,
      ),
    );
    select(
      all.filter((one) => ids.has(one.instance_id)),
      isSelected,
    );
    setLast(row.instance_id);
  };
  if (all.length === 0) {
    return (
      <div className="card">
        <Nothing title={t(isNarrowed(search) ? "none.matching" : "none.title")}>
          {t(isNarrowed(search) ? "none.widen" : "none.text")}
        </Nothing>
      </div>
    );
  }
  const chosen = all.filter((row) => selection.has(row.instance_id)).length;
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      {shown.waiting > 0 && (
        <Button
          className={classes["news"] ?? ""}
          size="compact-xs"
          leftSection={<ArrowUp size={13} aria-hidden />}
          onClick={() => setHeld(rows)}
        >
          {t("news", { count: shown.waiting })}
        </Button>
      )}
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={34}>
              <Checkbox
                aria-label={t("select.page")}
                checked={chosen === all.length}
                indeterminate={chosen > 0 && chosen < all.length}
                onChange={(event) => select(all, event.currentTarget.checked)}
              />
            </Table.Th>
            <Table.Th w={118}>{t("column.status")}</Table.Th>
            <Table.Th>{t("column.name")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.template")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("column.actor")}</Table.Th>
            <Table.Th w={110} className={classes["wide"] ?? ""}>
              {t("column.created")}
            </Table.Th>
            <Table.Th w={90} className={classes["wide"] ?? ""}>
              {t("column.took")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody
          onPointerEnter={(event: PointerEvent) => event.pointerType === "mouse" && hold()}
          onPointerLeave={() => setHeld(null)}
          onFocus={hold}
          onBlur={(event: FocusEvent) => {
            if (!event.currentTarget.contains(event.relatedTarget)) setHeld(null);
          }}
        >
          {shown.items.map(({ item, isGone }) => (
            <Line
              key={item.instance_id}
              project={project}
              row={item}
              isGone={isGone}
              isSelected={selection.has(item.instance_id)}
              onToggle={toggle}
            />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const Line = memo(function Line({
  project,
  row,
  isGone,
  isSelected,
  onToggle,
}: {
  readonly project: string;
  readonly row: Row;
  /** Whether the list no longer has it. */
  readonly isGone: boolean;
  readonly isSelected: boolean;
  readonly onToggle: (row: Row, isSelected: boolean, isRange: boolean) => void;
}) {
  const { t } = useTranslation(["instances", "shared"]);
  return (
    <Table.Tr data-gone={isGone} className={classes["row"]} aria-selected={isSelected}>
      <Table.Td>
        <Checkbox
          aria-label={t("select.one", { name: row.name })}
          checked={isSelected}
          onChange={() => undefined}
          onClick={(event) => onToggle(row, !isSelected, event.shiftKey)}
        />
      </Table.Td>
      <Table.Td>
        <StatusBadge status={row.status} />
      </Table.Td>
      <Table.Td className={classes["name"] ?? ""}>
        <Group gap={6} wrap="nowrap">
          <NameLink row={row} />
          <Labels labels={row.labels} />
        </Group>
        <Text size="xs" component="div" className={`faint cut ${classes["narrow"] ?? ""}`}>
          {row.template} · {row.actor} · <Ago at={row.created_at} />
        </Text>
      </Table.Td>
      <Table.Td className={`cut ${classes["wide"] ?? ""}`} maw={220}>
        <Link
          to="/projects/$project/templates/$template"
          params={{ project, template: templateIn(row) }}
          className="link"
          title={row.template_title}
        >
          {row.template}
        </Link>
        <span className="faint numbers"> {t("shared:version", { number: row.version })}</span>
      </Table.Td>
      <Table.Td className={`cut ${classes["wide"] ?? ""}`} maw={140}>
        {row.actor}
      </Table.Td>
      <Table.Td className={`numbers ${classes["wide"] ?? ""}`}>
        <Ago at={row.created_at} />
      </Table.Td>
      <Table.Td className={classes["wide"] ?? ""}>
        <Took from={row.started_at} to={row.ended_at} />
      </Table.Td>
    </Table.Tr>
  );
});

/** What a template is known by in the instance's project: others' have a slash in their name. */
function templateIn(row: Row): string {
  return row.template.includes("/") ? row.template_id : row.template;
}

const MOST_LABELS = 3;

function Labels({ labels }: { readonly labels: Row["labels"] }) {
  const all = Object.entries(labels);
  return all.slice(0, MOST_LABELS).map(([name, value]) => (
    <span key={name} className={`${classes["label"] ?? ""} ${classes["wide"] ?? ""}`}>
      {name}:{value}
    </span>
  ));
}
