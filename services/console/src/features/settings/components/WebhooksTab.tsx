import { ActionIcon, Button, Group, Menu, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, History, KeyRound, Pencil, Plus, Power, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { More } from "@/shared/More";
import { Nothing, Rows } from "@/shared/Page";
import { ProblemPanel, ProblemText } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import type { Webhook } from "../webhooks";
import { enableWebhook, nameOf, pingWebhook, webhooksKey, webhooksQuery } from "../webhooks";
import { DeliveriesDialog } from "./DeliveriesDialog";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";
import { DeleteWebhookDialog, RotateDialog, SecretDialog } from "./WebhookDialogs";
import { WebhookForm } from "./WebhookForm";

/** What is open over the list. */
type Opened =
  | { readonly what: "new" }
  | { readonly what: "edit" | "delete" | "rotate" | "history"; readonly webhook: Webhook }
  | { readonly what: "secret"; readonly secret: string };

/** Who outside is told what happens in a project. */
export function WebhooksTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const list = useInfiniteQuery(webhooksQuery(project));
  const [opened, setOpened] = useState<Opened | null>(null);
  const webhooks = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="faint">
          {t("webhooks.hint")}
        </Text>
        <Button
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setOpened({ what: "new" })}
        >
          {t("webhooks.new")}
        </Button>
      </Group>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {webhooks === undefined && list.error === null && <Rows count={3} />}
      {webhooks?.length === 0 && (
        <div className="card">
          <Nothing title={t("webhooks.none")}>{t("webhooks.noneText")}</Nothing>
        </div>
      )}
      {webhooks !== undefined && webhooks.length > 0 && (
        <WebhookTable project={project} webhooks={webhooks} onOpen={setOpened} />
      )}
      <More list={list} />
      <OpenedDialog project={project} opened={opened} onOpen={setOpened} />
    </Stack>
  );
}

interface OpenProps {
  readonly project: string;
  readonly onOpen: (opened: Opened | null) => void;
}

function OpenedDialog({ project, opened, onOpen }: OpenProps & { readonly opened: Opened | null }) {
  const close = () => onOpen(null);
  const showSecret = (secret: string | null) =>
    onOpen(secret === null ? null : { what: "secret", secret });
  switch (opened?.what) {
    case undefined:
      return null;
    case "new":
      return <WebhookForm project={project} webhook={null} onClose={close} onSecret={showSecret} />;
    case "edit":
      return (
        <WebhookForm
          project={project}
          webhook={opened.webhook}
          onClose={close}
          onSecret={showSecret}
        />
      );
    case "delete":
      return <DeleteWebhookDialog project={project} webhook={opened.webhook} onClose={close} />;
    case "rotate":
      return (
        <RotateDialog
          project={project}
          webhook={opened.webhook}
          onClose={close}
          onSecret={showSecret}
        />
      );
    case "history":
      return <DeliveriesDialog project={project} webhook={opened.webhook} onClose={close} />;
    case "secret":
      return <SecretDialog secret={opened.secret} onClose={close} />;
  }
}

function WebhookTable({
  project,
  webhooks,
  onOpen,
}: OpenProps & { readonly webhooks: readonly Webhook[] }) {
  const { t } = useTranslation("settings");
  return (
    <div className={`card ${classes["frame"] ?? ""}`}>
      <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("webhooks.url")}</Table.Th>
            <Table.Th className={classes["wide"] ?? ""}>{t("webhooks.events")}</Table.Th>
            <Table.Th>{t("webhooks.state")}</Table.Th>
            <Table.Th w={84}>
              <span className="unseen">{t("column.acts")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {webhooks.map((webhook) => (
            <Table.Tr key={webhook.webhook_id}>
              <Table.Td className={classes["value"] ?? ""}>
                <div className="code cut" title={webhook.url}>
                  {webhook.url}
                </div>
                {webhook.description !== "" && (
                  <Text size="xs" className="faint">
                    {webhook.description}
                  </Text>
                )}
              </Table.Td>
              <Table.Td className={`faint ${classes["wide"] ?? ""}`}>
                <EventWords webhook={webhook} />
              </Table.Td>
              <Table.Td>
                <State webhook={webhook} />
              </Table.Td>
              <Table.Td>
                <Acts project={project} webhook={webhook} onOpen={onOpen} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function EventWords({ webhook }: { readonly webhook: Webhook }) {
  const { t } = useTranslation("settings");
  const [first, second, ...more] = webhook.events.map((event) =>
    t(`webhooks.event.${nameOf(event)}`),
  );
  const shown = [first, second].filter((one) => one !== undefined).join(" · ");
  return <>{more.length === 0 ? shown : t("webhooks.andMore", { shown, count: more.length })}</>;
}

function State({ webhook }: { readonly webhook: Webhook }) {
  const { t } = useTranslation("settings");
  if (webhook.disabled_reason !== null) {
    return <Text size="sm">{t(`webhooks.disabled.${webhook.disabled_reason}`)}</Text>;
  }
  if (webhook.failures === 0) return <Text size="sm">{t("webhooks.enabled")}</Text>;
  return (
    <Text size="sm" c="var(--bad-text)">
      {t("webhooks.failing", { count: webhook.failures })}{" "}
      <span className="faint">
        <Ago at={webhook.failing_since} />
      </span>
    </Text>
  );
}

function Acts({ project, webhook, onOpen }: OpenProps & { readonly webhook: Webhook }) {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const name = webhook.url;
  const done = () => queries.invalidateQueries({ queryKey: webhooksKey(project) });
  const failed = (error: unknown) =>
    notifications.show({ color: "red", message: <ProblemText error={error} /> });
  const pinging = useMutation({
    mutationFn: () => pingWebhook(project, webhook.webhook_id),
    onSuccess: () => onOpen({ what: "history", webhook }),
    onError: failed,
    onSettled: done,
  });
  const enabling = useMutation({
    mutationFn: () => enableWebhook(project, webhook.webhook_id, !webhook.enabled),
    onError: failed,
    onSettled: done,
  });
  const items = [
    {
      label: t("webhooks.ping"),
      icon: Send,
      act: () => pinging.mutate(),
      isOff: !webhook.enabled,
    },
    { label: t("webhooks.edit"), icon: Pencil, act: () => onOpen({ what: "edit", webhook }) },
    {
      label: webhook.enabled ? t("webhooks.disable") : t("webhooks.enable"),
      icon: Power,
      act: () => enabling.mutate(),
    },
    { label: t("webhooks.rotate"), icon: KeyRound, act: () => onOpen({ what: "rotate", webhook }) },
    { label: t("webhooks.delete"), icon: Trash2, act: () => onOpen({ what: "delete", webhook }) },
  ];
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("webhooks.historyOf", { name })}
        onClick={() => onOpen({ what: "history", webhook })}
      >
        <History size={15} aria-hidden />
      </ActionIcon>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("webhooks.more", { name })}>
            <Ellipsis size={15} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {items.map(({ label, icon: Icon, act, isOff = false }) => (
            <Menu.Item
              key={label}
              leftSection={<Icon size={14} aria-hidden />}
              disabled={isOff}
              onClick={act}
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
