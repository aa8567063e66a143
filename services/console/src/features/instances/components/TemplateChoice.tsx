import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ForeignName } from "../api";
import { templateChoices } from "../api";

/** How long somebody may pause in a word before it is searched for. */
const PAUSE_MS = 300;

/** A template to narrow a list by, found by what is written. */
export function TemplateChoice({
  project,
  value,
  foreign = "reference",
  onChange,
}: {
  readonly project: string;
  readonly value: string | null;
  /** How the list names templates of other projects. */
  readonly foreign?: ForeignName;
  readonly onChange: (template: string | null) => void;
}) {
  const { t } = useTranslation(["instances", "shared"]);
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const [isOpen, setOpen] = useState(false);
  const { data = [] } = useQuery({
    ...templateChoices(project, settled, foreign),
    enabled: isOpen,
  });
  const isKnown = value === null || data.some((one) => one.value === value);
  return (
    <Select
      aria-label={t("filter.template")}
      placeholder={t("filter.template")}
      data={isKnown ? data : [{ value, label: value }, ...data]}
      value={value}
      searchable
      clearable
      w={160}
      // The API has searched already, in titles that the choice may not show.
      filter={({ options }) => options}
      nothingFoundMessage={t("filter.noTemplate")}
      onDropdownOpen={() => setOpen(true)}
      onSearchChange={setText}
      onChange={onChange}
    />
  );
}
