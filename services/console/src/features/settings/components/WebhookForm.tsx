import { Button, Checkbox, Group, SimpleGrid, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Webhook, WebhookEvent, WrittenWebhook } from "../webhooks";
import {
  EVENTS,
  NEW_WEBHOOK,
  createWebhook,
  nameOf,
  problemsOf,
  updateWebhook,
  webhooksKey,
  writtenOf,
} from "../webhooks";

interface Props {
  readonly project: string;
  /** Null for a new one. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
  /** Shows the secret of a new one. */
  readonly onSecret: (secret: string | null) => void;
}

/** The form of one webhook. */
export function WebhookForm({ project, webhook, onClose, onSecret }: Props) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const [written, setWritten] = useState(webhook === null ? NEW_WEBHOOK : writtenOf(webhook));
  const [isTried, setTried] = useState(false);
  const problems = problemsOf(written);
  const shown = isTried ? problems : {};
  const change = (part: Partial<WrittenWebhook>) => setWritten({ ...written, ...part });
  const saving = useMutation({
    mutationFn: async () => {
      if (webhook === null) return (await createWebhook(project, written)).secret;
      await updateWebhook(project, webhook.webhook_id, written);
      return null;
    },
    onSuccess: onSecret,
    onSettled: () => queries.invalidateQueries({ queryKey: webhooksKey(project) }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0) saving.mutate();
  };
  return (
    <Dialog
      opened
      size="lg"
      title={webhook === null ? t("webhooks.new") : t("webhooks.edit")}
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("webhooks.url")}
            description={t("webhooks.urlHint")}
            type="url"
            value={written.url}
            data-autofocus
            error={shown.url !== undefined && t("webhooks.wrong.url")}
            onChange={(event) => change({ url: event.currentTarget.value })}
          />
          <EventsField
            events={written.events}
            error={shown.events !== undefined && t("webhooks.wrong.events")}
            onChange={(events) => change({ events })}
          />
          <TagsInput
            label={t("webhooks.templates")}
            description={t("webhooks.templatesHint")}
            value={[...written.templates]}
            onChange={(templates) => change({ templates })}
          />
          <TagsInput
            label={t("webhooks.labels")}
            description={t("webhooks.labelsHint")}
            placeholder="team=shop"
            value={[...written.labels]}
            error={shown.labels !== undefined && t("webhooks.wrong.labels")}
            onChange={(labels) => change({ labels })}
          />
          <TextInput
            label={t("column.description")}
            value={written.description}
            maxLength={2000}
            onChange={(event) => change({ description: event.currentTarget.value })}
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

function EventsField({
  events,
  error,
  onChange,
}: {
  readonly events: readonly WebhookEvent[];
  readonly error: string | false;
  readonly onChange: (events: WebhookEvent[]) => void;
}) {
  const { t } = useTranslation("settings");
  return (
    <Checkbox.Group
      label={t("webhooks.events")}
      value={[...events]}
      error={error}
      onChange={(chosen) => onChange(EVENTS.filter((event) => chosen.includes(event)))}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" verticalSpacing={6} mt={6}>
        {EVENTS.map((event) => (
          <Checkbox
            key={event}
            value={event}
            label={t(`webhooks.event.${nameOf(event)}`)}
            size="xs"
          />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}
