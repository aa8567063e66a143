import { Autocomplete, Button, Group, Stack, TagsInput, TextInput, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaTemplateView } from "@/api/schema";
import { categoriesQuery } from "@/shared/categories";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { TEMPLATES_KEY, editTemplate } from "../api";
import { labelsOf, wordsOf } from "../labels";

interface Props {
  readonly project: string;
  readonly template: SchemaTemplateView;
  readonly onClose: () => void;
}

/** What is said about a template beside its document. */
export function DetailsDialog({ project, template, onClose }: Props) {
  const { t } = useTranslation(["templates", "shared"]);
  const queries = useQueryClient();
  const categories = useQuery(categoriesQuery(project));
  const [title, setTitle] = useState(template.title);
  const [description, setDescription] = useState(template.description);
  const [category, setCategory] = useState(template.category);
  const [labels, setLabels] = useState(wordsOf(template.labels));
  const known = labelsOf(labels);
  const saving = useMutation({
    mutationFn: (given: Readonly<Record<string, string>>) =>
      editTemplate(project, template.key, { title, description, category, labels: given }),
    onSuccess: onClose,
    onSettled: () =>
      Promise.all(
        [TEMPLATES_KEY, "categories"].map((key) =>
          queries.invalidateQueries({ queryKey: [key, project] }),
        ),
      ),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (known !== null) saving.mutate(known);
  };
  return (
    <Dialog opened title={t("details.title")} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("column.title")}
            description={t("details.titleHint")}
            value={title}
            maxLength={200}
            data-autofocus
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Textarea
            label={t("details.description")}
            size="xs"
            autosize
            minRows={2}
            maxRows={10}
            maxLength={10_000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <Autocomplete
            label={t("column.category")}
            size="xs"
            data={(categories.data ?? []).map((one) => one.name)}
            value={category}
            maxLength={63}
            onChange={setCategory}
          />
          <TagsInput
            label={t("details.labels")}
            description={t("details.labelsHint")}
            size="xs"
            value={[...labels]}
            maxTags={64}
            error={known === null ? t("details.labelsWrong") : null}
            onChange={setLabels}
          />
          {saving.error !== null && <ProblemPanel error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button
              type="submit"
              loading={saving.isPending}
              disabled={known === null || category.trim() === ""}
            >
              {t("shared:save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
