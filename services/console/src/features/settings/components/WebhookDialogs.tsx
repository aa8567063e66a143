import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { Webhook } from "../webhooks";
import { deleteWebhook, rotateSecret, webhooksKey } from "../webhooks";
import { Question } from "./Question";

interface Props {
  readonly project: string;
  readonly webhook: Webhook;
  readonly onClose: () => void;
}

/** A secret, the only time that it is shown. */
export function SecretDialog({
  secret,
  onClose,
}: {
  readonly secret: string;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["settings", "shared"]);
  return (
    <Dialog opened title={t("webhooks.secret")} closeOnClickOutside={false} onClose={onClose}>
      <Stack>
        <Text size="sm">{t("webhooks.secretText")}</Text>
        <Code block data-secret style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={<Copy size={14} aria-hidden />} onClick={copy}>
                {copied ? t("secrets.copied") : t("webhooks.copy")}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>{t("webhooks.kept")}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** The question before a secret is replaced. */
export function RotateDialog({
  project,
  webhook,
  onClose,
  onSecret,
}: Props & { readonly onSecret: (secret: string | null) => void }) {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const rotating = useMutation({
    mutationFn: () => rotateSecret(project, webhook.webhook_id),
    onSuccess: (rotated) => onSecret(rotated.secret),
    onSettled: () => queries.invalidateQueries({ queryKey: webhooksKey(project) }),
  });
  return (
    <Question
      title={t("webhooks.rotate")}
      text={t("webhooks.rotateText")}
      go={t("webhooks.rotateGo")}
      error={rotating.error}
      isPending={rotating.isPending}
      onGo={() => rotating.mutate()}
      onClose={onClose}
    />
  );
}

/** The question before a webhook goes. */
export function DeleteWebhookDialog({ project, webhook, onClose }: Props) {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const deleting = useMutation({
    mutationFn: () => deleteWebhook(project, webhook.webhook_id),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: webhooksKey(project) }),
  });
  return (
    <Question
      title={t("webhooks.delete")}
      text={t("webhooks.deleteText", { url: webhook.url })}
      go={t("variables.deleteGo")}
      error={deleting.error}
      isPending={deleting.isPending}
      isBad
      onGo={() => deleting.mutate()}
      onClose={onClose}
    />
  );
}
