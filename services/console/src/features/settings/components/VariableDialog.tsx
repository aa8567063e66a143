import { Button, Group, Select, Stack, Switch, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaVariableView } from "@/api/schema";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { putVariable } from "../api";
import type { Written } from "../values";
import { KINDS, inKind, isName, readValue, writtenOf } from "../values";

interface Props {
  readonly project: string;
  /** Null for a new one. */
  readonly variable: SchemaVariableView | null;
  /** Names that are taken. */
  readonly names: readonly string[];
  readonly onClose: () => void;
}

const NEW: Written = { kind: "text", text: "" };

/** The form of one variable. */
export function VariableDialog({ project, variable, names, onClose }: Props) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const [name, setName] = useState(variable?.name ?? "");
  const [written, setWritten] = useState(variable === null ? NEW : writtenOf(variable.value));
  const [description, setDescription] = useState(variable?.description ?? "");
  const [isTried, setTried] = useState(false);
  const read = readValue(written);
  const nameProblem = variable === null ? problemOf(name, names) : null;
  const saving = useMutation({
    mutationFn: (value: unknown) => putVariable(project, { name, value, description }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ["variables", project] }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (nameProblem === null && read.ok) saving.mutate(read.value);
  };
  return (
    <Dialog
      opened
      title={variable === null ? t("variables.new") : t("variables.edit", { name })}
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {variable === null && (
            <TextInput
              label={t("column.name")}
              description={t("variables.nameHint", { name: name === "" ? "region" : name })}
              value={name}
              data-autofocus
              error={isTried && nameProblem !== null ? t(`name.${nameProblem}`) : null}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <Select
            label={t("column.kind")}
            data={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`) }))}
            value={written.kind}
            allowDeselect={false}
            onChange={(kind) => kind !== null && setWritten(inKind(written, kind))}
          />
          <ValueField
            written={written}
            error={isTried && !read.ok ? t(`wrong.${read.problem}`) : null}
            onChange={(text) => setWritten({ ...written, text })}
          />
          <TextInput
            label={t("column.description")}
            value={description}
            maxLength={2000}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {saving.error !== null && <ProblemPanel error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {t("shared:save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function problemOf(name: string, names: readonly string[]): "wrong" | "taken" | null {
  if (!isName(name)) return "wrong";
  return names.includes(name) ? "taken" : null;
}

function ValueField({
  written,
  error,
  onChange,
}: {
  readonly written: Written;
  readonly error: string | null;
  readonly onChange: (text: string) => void;
}) {
  const { t } = useTranslation("settings");
  const label = t("column.value");
  switch (written.kind) {
    case "boolean":
      return (
        <Switch
          label={label}
          checked={written.text === "true"}
          onChange={(event) => onChange(String(event.currentTarget.checked))}
        />
      );
    case "number":
      return (
        <TextInput
          label={label}
          inputMode="decimal"
          value={written.text}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "text":
    case "json":
      return (
        <Textarea
          label={label}
          size="xs"
          autosize
          minRows={written.kind === "json" ? 4 : 1}
          maxRows={16}
          spellCheck={false}
          value={written.text}
          error={error}
          {...(written.kind === "json" && { styles: { input: { fontFamily: "monospace" } } })}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
