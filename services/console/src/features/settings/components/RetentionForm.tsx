import { Alert, Button, Group, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Retention, SentRule, WrittenRule } from "../retention";
import { MODES, UNIT_NAMES, putRetention, retentionKey, sentOf, writtenOf } from "../retention";
import { useAgeWords } from "../useAgeWords";
import { Question } from "./Question";

interface Props {
  readonly project: string;
  /** The rule that holds now. */
  readonly rule: Retention;
  readonly onClose: () => void;
}

/** The form of a project's own rule; what would delete is asked about before it is written. */
export function RetentionForm({ project, rule, onClose }: Props) {
  const { t } = useTranslation("settings");
  const ageWords = useAgeWords();
  const queries = useQueryClient();
  const [written, setWritten] = useState(() => writtenOf(rule));
  const [asked, setAsked] = useState<SentRule | null>(null);
  const saving = useMutation({
    mutationFn: (sent: SentRule) => putRetention(project, sent),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: retentionKey(project) }),
  });
  if (asked !== null) {
    return (
      <Question
        title={t("retention.sure")}
        text={t("retention.sureText", { project, age: ageWords(asked.after_seconds) })}
        go={t("retention.sureGo")}
        error={saving.error}
        isPending={saving.isPending}
        isBad
        onGo={() => saving.mutate(asked)}
        onClose={() => {
          saving.reset();
          setAsked(null);
        }}
      />
    );
  }
  return (
    <Dialog opened size="lg" title={t("retention.edit")} onClose={onClose}>
      <RuleFields
        written={written}
        sent={sentOf(written, rule)}
        error={saving.error}
        isPending={saving.isPending}
        onChange={setWritten}
        onClose={onClose}
        onSend={(sent) => {
          if (sent.mode === "delete") setAsked(sent);
          else saving.mutate(sent);
        }}
      />
    </Dialog>
  );
}

function RuleFields({
  written,
  sent,
  error,
  isPending,
  onChange,
  onClose,
  onSend,
}: {
  readonly written: WrittenRule;
  /** Null where something is wrong. */
  readonly sent: SentRule | null;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly onChange: (written: WrittenRule) => void;
  readonly onClose: () => void;
  readonly onSend: (sent: SentRule) => void;
}) {
  const { t } = useTranslation(["settings", "shared"]);
  const [isTried, setTried] = useState(false);
  const change = (part: Partial<WrittenRule>) => onChange({ ...written, ...part });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (sent !== null) onSend(sent);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Radio.Group
          label={t("retention.mode")}
          size="xs"
          value={written.mode}
          onChange={(mode) => change({ mode: MODES.find((one) => one === mode) ?? written.mode })}
        >
          <Stack gap="sm" mt={8}>
            {MODES.map((mode) => (
              <Radio
                key={mode}
                value={mode}
                size="xs"
                {...(mode === written.mode && { "data-autofocus": true })}
                label={t(`retention.modes.${mode}`)}
                description={t(`retention.about.${mode}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {written.mode !== "keep" && (
          <AgeFields
            written={written}
            error={isTried && sent === null && t("retention.wrongAge")}
            onChange={change}
          />
        )}
        {written.mode === "delete" && (
          <Alert
            className="alarm"
            color="red"
            variant="light"
            icon={<TriangleAlert size={18} aria-hidden />}
          >
            <Text size="sm">{t("retention.warning")}</Text>
          </Alert>
        )}
        {error !== null && <ProblemPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button type="submit" loading={isPending}>
            {t("shared:save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function AgeFields({
  written,
  error,
  onChange,
}: {
  readonly written: WrittenRule;
  readonly error: string | false;
  readonly onChange: (part: Partial<WrittenRule>) => void;
}) {
  const { t } = useTranslation("settings");
  return (
    <Group gap="xs" align="flex-start">
      <TextInput
        label={t("retention.after")}
        inputMode="decimal"
        w={180}
        value={written.count}
        error={error}
        onChange={(event) => onChange({ count: event.currentTarget.value })}
      />
      <Select
        label={t("retention.unit")}
        w={120}
        data={UNIT_NAMES.map((unit) => ({ value: unit, label: t(`retention.units.${unit}`) }))}
        value={written.unit}
        allowDeselect={false}
        onChange={(unit) =>
          onChange({ unit: UNIT_NAMES.find((one) => one === unit) ?? written.unit })
        }
      />
    </Group>
  );
}
