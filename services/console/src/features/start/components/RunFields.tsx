import { Button, Collapse, Select, Stack, TagsInput, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { PRIORITIES, USUAL_PRIORITY } from "@/shared/priorities";

/** What a run is called, found by, and how soon it comes to its turn. */
export interface Run {
  readonly name: string;
  readonly labels: readonly string[];
  readonly priority: number;
}

export const PLAIN_RUN: Run = { name: "", labels: [], priority: USUAL_PRIORITY };

interface Props {
  readonly title: string;
  readonly value: Run;
  readonly onChange: (value: Run) => void;
}

/** What is said about the run itself; what few need is out of the way. */
export function RunFields({ title, value, onChange }: Props) {
  const { t } = useTranslation("start");
  const [isOpen, more] = useDisclosure(false);
  const Mark = isOpen ? ChevronDown : ChevronRight;
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
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          ml={-8}
          leftSection={<Mark size={14} aria-hidden />}
          aria-expanded={isOpen}
          onClick={more.toggle}
        >
          {t("run.more")}
        </Button>
        <Collapse expanded={isOpen}>
          <Stack gap="sm" pt="xs">
            <MoreFields value={value} onChange={onChange} />
          </Stack>
        </Collapse>
      </div>
    </Stack>
  );
}

function MoreFields({ value, onChange }: Pick<Props, "value" | "onChange">) {
  const { t } = useTranslation("start");
  const usual = String(USUAL_PRIORITY);
  return (
    <>
      <TagsInput
        label={t("run.labels")}
        description={t("run.labelsHelp")}
        size="xs"
        placeholder={value.labels.length === 0 ? "team=shop" : ""}
        value={[...value.labels]}
        acceptValueOnBlur
        onChange={(labels) => onChange({ ...value, labels })}
      />
      <Select
        label={t("run.priority")}
        description={t("run.priorityHelp")}
        maw={280}
        data={PRIORITIES.map((one) => ({
          value: one,
          label: one === usual ? t("run.usual", { priority: one }) : one,
        }))}
        value={String(value.priority)}
        allowDeselect={false}
        onChange={(one) => one !== null && onChange({ ...value, priority: Number(one) })}
      />
    </>
  );
}
