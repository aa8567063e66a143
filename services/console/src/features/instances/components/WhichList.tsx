import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";

const LISTS = ["present", "archived"] as const;

export type ListName = (typeof LISTS)[number];

/** The way between instances that are there and those that were moved to archives. */
export function WhichList({
  list,
  onChange,
}: {
  readonly list: ListName;
  readonly onChange: (list: ListName) => void;
}) {
  const { t } = useTranslation("instances");
  return (
    <SegmentedControl
      size="xs"
      aria-label={t("list.label")}
      value={list}
      data={LISTS.map((one) => ({ value: one, label: t(`list.${one}`) }))}
      onChange={(next) => onChange(LISTS.find((one) => one === next) ?? list)}
    />
  );
}
