import { Button, Chip, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { categoriesQuery } from "@/shared/categories";
import { FilterRow } from "@/shared/FilterRow";
import { narrow } from "@/shared/narrow";
import { WordInput } from "@/shared/WordInput";
import type { TemplateSearch } from "../search";
import { SORTS, isNarrowed } from "../search";

interface Props {
  readonly project: string;
  readonly search: TemplateSearch;
  readonly onChange: (search: TemplateSearch) => void;
}

/** What narrows the list of templates. */
export function TemplateFilters({ project, search, onChange }: Props) {
  const { t } = useTranslation("templates");
  const { data: categories = [] } = useQuery(categoriesQuery(project));
  const set = <K extends keyof TemplateSearch>(name: K, value: TemplateSearch[K] | null) =>
    onChange(narrow(search, name, value));
  return (
    <FilterRow
      label={t("filter.title")}
      search={
        <WordInput
          label={t("filter.text")}
          value={search.text ?? ""}
          isSearch
          onChange={(text) => set("text", text)}
        />
      }
    >
      <Select
        aria-label={t("filter.category")}
        placeholder={t("filter.category")}
        data={categories.map((one) => ({
          value: one.name,
          label: `${one.name} (${one.templates})`,
        }))}
        value={search.category ?? null}
        clearable
        w={180}
        onChange={(category) => set("category", category)}
      />
      <WordInput
        label={t("filter.label")}
        value={search.label ?? ""}
        onChange={(label) => (label === "" || label.includes(":")) && set("label", label)}
      />
      <Chip
        size="xs"
        checked={search.favourite === true}
        onChange={(isOn) => set("favourite", isOn ? true : null)}
      >
        {t("filter.favourite")}
      </Chip>
      <SegmentedControl
        size="xs"
        aria-label={t("filter.scope")}
        data={(["own", "all"] as const).map((one) => ({ value: one, label: t(`scope.${one}`) }))}
        value={search.scope ?? "own"}
        onChange={(scope) => set("scope", scope === "all" ? "all" : null)}
      />
      <Select
        aria-label={t("filter.sort")}
        data={[
          { value: "key", label: t("sort.key") },
          ...SORTS.map((one) => ({ value: one, label: t(`sort.${one}`) })),
        ]}
        value={search.sort ?? "key"}
        allowDeselect={false}
        w={160}
        onChange={(sort) => set("sort", sort === "key" ? null : sort)}
      />
      {isNarrowed(search) && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<X size={13} aria-hidden />}
          onClick={() => onChange({})}
        >
          {t("filter.clear")}
        </Button>
      )}
    </FilterRow>
  );
}
