import { Button, Group, MultiSelect, Text, TextInput } from "@mantine/core";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FilterRow } from "@/shared/FilterRow";
import { narrow } from "@/shared/narrow";
import { WordInput } from "@/shared/WordInput";
import type { ArchivedSearch } from "../archived";
import { ENDED_STATUSES, isArchivedNarrowed } from "../archived";
import { TemplateChoice } from "./TemplateChoice";

interface Props {
  readonly project: string;
  readonly search: ArchivedSearch;
  readonly onChange: (search: ArchivedSearch) => void;
}

/** What narrows the list of archived instances; each change is an address of its own. */
export function ArchivedFilters({ project, search, onChange }: Props) {
  const { t } = useTranslation(["instances", "shared"]);
  const set = <K extends keyof ArchivedSearch>(name: K, value: ArchivedSearch[K] | null) =>
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
      <MultiSelect
        aria-label={t("filter.status")}
        placeholder={search.status === undefined ? t("filter.status") : ""}
        data={ENDED_STATUSES.map((one) => ({ value: one, label: t(`shared:status.${one}`) }))}
        value={[...(search.status ?? [])]}
        clearable
        w={150}
        onChange={(status) => set("status", status)}
      />
      <TemplateChoice
        project={project}
        value={search.template ?? null}
        foreign="template_id"
        onChange={(template) => set("template", template)}
      />
      <WordInput
        label={t("filter.actor")}
        value={search.actor ?? ""}
        onChange={(actor) => set("actor", actor)}
      />
      <Group gap="xs">
        <DayInput
          label={t("filter.from")}
          value={search.from ?? ""}
          onChange={(day) => set("from", day)}
        />
        <DayInput
          label={t("filter.until")}
          value={search.until ?? ""}
          onChange={(day) => set("until", day)}
        />
      </Group>
      {isArchivedNarrowed(search) && (
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

/** A day; one that is half written counts for nothing yet. */
function DayInput({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
}) {
  return (
    <TextInput
      type="date"
      aria-label={label}
      leftSection={
        <Text size="xs" className="faint" aria-hidden>
          {label}
        </Text>
      }
      leftSectionWidth={88}
      leftSectionPointerEvents="none"
      max="9999-12-31"
      w={210}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
