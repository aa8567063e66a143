import { Button, Group, Menu, Stack, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, History, Save, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaPresetView, SchemaTemplateView } from "@/api/schema";
import type { JsonObject } from "@/shared/forms/types";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { useTitle } from "@/shared/problemWords";
import type { Place } from "../api";
import { deletePreset, presetsQuery, readLastInputs, savePreset } from "../api";

interface Props {
  readonly place: Place;
  readonly template: SchemaTemplateView;
  readonly values: JsonObject;
  readonly hasInputs: boolean;
  readonly onTakeOver: (values: JsonObject) => void;
}

/** Inputs that somebody has kept, and those of the last time. */
export function Presets({ place, template, values, hasInputs, onTakeOver }: Props) {
  const { t } = useTranslation(["start", "shared"]);
  const presets = useQuery({ ...presetsQuery(place), enabled: hasInputs }).data ?? [];
  const [isSaving, setSaving] = useState(false);
  const [chosen, setChosen] = useState<SchemaPresetView | null>(null);
  const isOurs = template.project === place.project;
  if (!hasInputs) return null;
  return (
    <Group gap="xs">
      <LastInputs place={place} template={template} onTakeOver={onTakeOver} />
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<Bookmark size={14} aria-hidden />}>
            {t("preset.title")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {presets.map((preset) => (
            <Menu.Item
              key={preset.name}
              onClick={() => {
                setChosen(preset);
                onTakeOver(preset.inputs as JsonObject);
              }}
            >
              {preset.name}
            </Menu.Item>
          ))}
          {presets.length === 0 && <Menu.Label>{t("preset.none")}</Menu.Label>}
          {isOurs && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<Save size={14} aria-hidden />}
                onClick={() => setSaving(true)}
              >
                {t("preset.save")}
              </Menu.Item>
              {chosen !== null && (
                <DeleteItem place={place} preset={chosen} onDeleted={() => setChosen(null)} />
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={isSaving} onClose={() => setSaving(false)} title={t("preset.save")}>
        <SavePreset
          place={place}
          preset={chosen}
          values={values}
          onSaved={(preset) => {
            setChosen(preset);
            setSaving(false);
          }}
        />
      </Dialog>
    </Group>
  );
}

function LastInputs({
  place,
  template,
  onTakeOver,
}: Pick<Props, "place" | "template" | "onTakeOver">) {
  const { t } = useTranslation("start");
  const reference = template.project === place.project ? template.key : template.reference;
  const last = useMutation({
    mutationFn: () => readLastInputs(place.project, reference),
    onSuccess: (found) => {
      if (found === null) notifications.show({ message: t("last.none") });
      else onTakeOver(found);
    },
  });
  const title = useTitle(last.error);
  return (
    <Button
      variant="default"
      leftSection={<History size={14} aria-hidden />}
      loading={last.isPending}
      {...(last.error !== null && { title })}
      onClick={() => last.mutate()}
    >
      {t("last.take")}
    </Button>
  );
}

function DeleteItem({
  place,
  preset,
  onDeleted,
}: {
  readonly place: Place;
  readonly preset: SchemaPresetView;
  readonly onDeleted: () => void;
}) {
  const { t } = useTranslation("start");
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deletePreset(place, preset.name),
    onSuccess: () => {
      onDeleted();
      notifications.show({ message: t("preset.deleted", { name: preset.name }) });
      return queries.invalidateQueries({ queryKey: presetsQuery(place).queryKey });
    },
  });
  return (
    <Menu.Item
      color="red"
      leftSection={<Trash2 size={14} aria-hidden />}
      onClick={() => remove.mutate()}
    >
      {t("preset.delete", { name: preset.name })}
    </Menu.Item>
  );
}

const NAME = /^[a-z][a-z0-9_-]{0,62}$/;

function SavePreset({
  place,
  preset,
  values,
  onSaved,
}: {
  readonly place: Place;
  readonly preset: SchemaPresetView | null;
  readonly values: JsonObject;
  readonly onSaved: (preset: SchemaPresetView) => void;
}) {
  const { t } = useTranslation(["start", "shared"]);
  const queries = useQueryClient();
  const [name, setName] = useState(preset?.name ?? "");
  const [description, setDescription] = useState(preset?.description ?? "");
  const [isAsked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => savePreset(place, { name, description, inputs: values }),
    onSuccess: (saved) => {
      notifications.show({ message: t("preset.saved", { name: saved.name }) });
      onSaved(saved);
      return queries.invalidateQueries({ queryKey: presetsQuery(place).queryKey });
    },
  });
  const isRight = NAME.test(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (isRight) save.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t("preset.name")}
          description={t("preset.nameHelp")}
          value={name}
          error={isAsked && !isRight ? t("preset.nameHelp") : undefined}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t("preset.description")}
          size="xs"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {save.error !== null && <ProblemPanel error={save.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {t("shared:save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
