import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../Dialog";
import { ProblemError } from "@/api/problem";
import { ProblemPanel } from "../ProblemPanel";
import type { Example } from "./create";
import { EXAMPLES, createTemplate } from "./create";
import { isKey, keyOf } from "./key";

/** Asks what a new template is called and what it begins with, then opens it to be drawn. */
export function NewTemplateDialog({
  project,
  onClose,
}: {
  readonly project: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["newTemplate", "shared"]);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [title, setTitle] = useState("");
  const [ownKey, setOwnKey] = useState<string | null>(null);
  const [example, setExample] = useState<Example | null>(null);
  const key = ownKey ?? keyOf(title);
  const creating = useMutation({
    mutationFn: () => createTemplate(project, { key, title: title.trim(), example }),
    onSuccess: (template) => {
      void queries.invalidateQueries({ queryKey: ["templates", project] });
      void navigate({
        to: "/projects/$project/templates/$template/edit",
        params: { project, template: template.key },
      });
    },
  });
  const isTaken = creating.error instanceof ProblemError && creating.error.code === "conflict";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (title.trim() !== "" && isKey(key)) creating.mutate();
  };
  return (
    <Dialog opened title={t("title")} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("name")}
            placeholder={t("nameExample")}
            value={title}
            maxLength={200}
            data-autofocus
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <TextInput
            label={t("key")}
            description={t("keyHint")}
            value={title === "" && ownKey === null ? "" : key}
            error={keyProblem()}
            onChange={(event) => setOwnKey(event.currentTarget.value)}
          />
          <Radio.Group
            label={t("begin")}
            value={example ?? "nothing"}
            onChange={(next) => setExample(EXAMPLES.find((one) => one === next) ?? null)}
          >
            <Stack gap={8} mt={6}>
              {(["nothing", ...EXAMPLES] as const).map((one) => (
                <Radio key={one} size="xs" value={one} label={t(`beginWith.${one}`)} />
              ))}
            </Stack>
          </Radio.Group>
          {creating.error !== null && !isTaken && <ProblemPanel error={creating.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button
              type="submit"
              loading={creating.isPending || creating.isSuccess}
              disabled={title.trim() === "" || !isKey(key)}
            >
              {t("go")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );

  function keyProblem(): string | null {
    if (isTaken) return t("keyTaken");
    return ownKey !== null && !isKey(ownKey) ? t("keyWrong") : null;
  }
}
