import { Stack, TagsInput, TextInput, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Run {
  readonly name: string;
  readonly labels: string[];
}

/** What the run is called, and found by. */
export function RunFields({
  title,
  value,
  onChange,
}: {
  readonly title: string;
  readonly value: Run;
  readonly onChange: (value: Run) => void;
}) {
  const { t } = useTranslation("start");
  return (
    <Stack gap="sm" component="section" aria-labelledby="run">
      <Title order={2} id="run">
        {t("run.title")}
      </Title>
      <TextInput
        label={t("run.name")}
        placeholder={title}
        maxLength={200}
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
      <TagsInput
        label={t("run.labels")}
        description={t("run.labelsHelp")}
        size="xs"
        placeholder={value.labels.length === 0 ? "team=shop" : ""}
        value={value.labels}
        acceptValueOnBlur
        onChange={(labels) => onChange({ ...value, labels })}
      />
    </Stack>
  );
}
