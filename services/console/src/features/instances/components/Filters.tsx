import { Button, MultiSelect, Select } from "@mantine/core";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { INSTANCE_STATUSES } from "@/shared/status";
import { FilterRow } from "@/shared/FilterRow";
import { narrow } from "@/shared/narrow";
import { WordInput } from "@/shared/WordInput";
import type { InstanceSearch, Period } from "../search";
import { PERIODS, REASONS, isNarrowed } from "../search";
import { TemplateChoice } from "./TemplateChoice";

interface Props {
  readonly project: string;
  readonly search: InstanceSearch;
  readonly onChange: (search: InstanceSearch, replace?: boolean) => void;
}

/** What narrows the list; each change is an address of its own. */
export function Filters({ project, search, onChange }: Props) {
  const { t } = useTranslation(["instances", "shared"]);
  const set = <K extends keyof InstanceSearch>(name: K, value: InstanceSearch[K] | null) =>
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
        data={INSTANCE_STATUSES.map((one) => ({ value: one, label: t(`shared:status.${one}`) }))}
        value={[...(search.status ?? [])]}
        clearable
        w={150}
        onChange={(status) => set("status", status)}
      />
      <TemplateChoice
        project={project}
        value={search.template ?? null}
        onChange={(template) => set("template", template)}
      />
      <WordInput
        label={t("filter.actor")}
        value={search.actor ?? ""}
        onChange={(actor) => set("actor", actor)}
      />
      <WordInput
        label={t("filter.label")}
        value={(search.label ?? []).join(" ")}
        onChange={(text) =>
          set(
            "label",
            text.split(/\s+/).filter((one) => one.includes(":")),
          )
        }
      />
      <Select
        aria-label={t("filter.period")}
        placeholder={t("filter.period")}
        data={(Object.keys(PERIODS) as Period[]).map((one) => ({
          value: one,
          label: t(`period.${one}`),
        }))}
        value={search.period ?? null}
        clearable
        w={130}
        onChange={(period) => set("period", period)}
      />
      <Select
        aria-label={t("filter.reason")}
        placeholder={t("filter.reason")}
        data={REASONS.map((one) => ({ value: one, label: t(`reason.${one}`) }))}
        value={search.reason ?? null}
        clearable
        w={140}
        onChange={(reason) => set("reason", reason)}
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
