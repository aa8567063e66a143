import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parseDocument, stringify } from "yaml";
import type { SchemaComponentsView } from "@/api/schema";
import { CodeField } from "@/shared/forms/CodeField";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { putComponents } from "../api";
import classes from "./settings.module.css";

type Rules = SchemaComponentsView["rules"];

const EXAMPLE = `job_fast_execute_script:
  plugin: ssh_script@1.0
  inputs:
    script: {field: job_content, as: verbatim}
  fixed: {shell: bash}
`;

/** The whole table as one text. */
export function ComponentsEditor({
  project,
  rules,
  onClose,
}: {
  readonly project: string;
  readonly rules: Rules;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const [text, setText] = useState(() => (Object.keys(rules).length === 0 ? "" : stringify(rules)));
  const read = readRules(text);
  const saving = useMutation({
    mutationFn: (wanted: Rules) => putComponents(project, wanted),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["component-table", project] }),
  });
  return (
    <Stack gap="sm">
      <Text size="sm" className="faint">
        {t("components.editHint")}
      </Text>
      <div className={classes["editor"]}>
        <CodeField
          label={t("components.text")}
          language="yaml"
          value={text}
          placeholder={EXAMPLE}
          problems={read.problems}
          isInvalid={read.problems.length > 0}
          onChange={setText}
        />
      </div>
      {read.problems.map((problem) => (
        <Text key={problem.message} size="sm" c="var(--bad-text)" role="alert">
          {problem.message}
        </Text>
      ))}
      {saving.error !== null && <ProblemPanel error={saving.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("shared:cancel")}
        </Button>
        <Button
          loading={saving.isPending}
          disabled={read.rules === null}
          onClick={() => read.rules !== null && saving.mutate(read.rules)}
        >
          {t("shared:save")}
        </Button>
      </Group>
    </Stack>
  );
}

interface Read {
  readonly rules: Rules | null;
  readonly problems: { readonly line: number; readonly message: string }[];
}

function readRules(text: string): Read {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    return {
      rules: null,
      problems: document.errors.map((error) => ({
        line: error.linePos?.[0].line ?? 1,
        message: error.message,
      })),
    };
  }
  const value: unknown = document.toJS() ?? {};
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  // What a rule has to be like, the API says when it is saved.
  return isTable
    ? { rules: value as Rules, problems: [] }
    : { rules: null, problems: [{ line: 1, message: "code: {plugin: name@version}" }] };
}
