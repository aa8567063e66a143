import { ActionIcon, Button, Code, Group, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, ChevronRight, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { More } from "@/shared/More";
import { Nothing, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { Ago } from "@/shared/Time";
import type { Delivery, Webhook } from "../webhooks";
import {
  deliveriesQuery,
  deliveryQuery,
  redeliver,
  redeliverGivenUp,
  webhooksKey,
} from "../webhooks";
import classes from "./settings.module.css";

interface Props {
  readonly project: string;
  readonly webhook: Webhook;
}

/** What a webhook was told, and how that went. */
export function DeliveriesDialog({
  project,
  webhook,
  onClose,
}: Props & { readonly onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [shown, setShown] = useState<string | null>(null);
  return (
    <Dialog opened size="xl" title={t("webhooks.history")} onClose={onClose}>
      {shown === null ? (
        <DeliveryList project={project} webhook={webhook} onShow={setShown} />
      ) : (
        <DeliveryDetail
          project={project}
          webhook={webhook}
          deliveryId={shown}
          onBack={() => setShown(null)}
        />
      )}
    </Dialog>
  );
}

/** Runs a write, and reads the history again. */
function useAgain<T>(project: string, write: () => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSettled: () => queries.invalidateQueries({ queryKey: webhooksKey(project) }),
  });
}

function DeliveryList({
  project,
  webhook,
  onShow,
}: Props & { readonly onShow: (deliveryId: string) => void }) {
  const { t } = useTranslation("settings");
  const list = useInfiniteQuery(deliveriesQuery(project, webhook.webhook_id));
  const deliveries = list.data?.pages.flatMap((page) => page.items);
  const hasGivenUp = deliveries?.some((one) => one.status === "given_up") === true;
  const again = useAgain(project, () => redeliverGivenUp(project, webhook.webhook_id));
  return (
    <Stack gap="sm">
      <Text size="sm" className="code" style={{ overflowWrap: "anywhere" }}>
        {webhook.url}
      </Text>
      {hasGivenUp && webhook.enabled && (
        <Group>
          <Button
            variant="default"
            leftSection={<RotateCw size={14} aria-hidden />}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t("webhooks.redeliverAll")}
          </Button>
        </Group>
      )}
      {again.error !== null && <ProblemPanel error={again.error} />}
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {deliveries === undefined && list.error === null && <Rows count={4} />}
      {deliveries?.length === 0 && <Nothing title={t("webhooks.noHistory")} />}
      {deliveries !== undefined && deliveries.length > 0 && (
        <DeliveryTable deliveries={deliveries} onShow={onShow} />
      )}
      <More list={list} />
    </Stack>
  );
}

function DeliveryTable({
  deliveries,
  onShow,
}: {
  readonly deliveries: readonly Delivery[];
  readonly onShow: (deliveryId: string) => void;
}) {
  const { t } = useTranslation("settings");
  return (
    <div className={classes["frame"]}>
      <Table highlightOnHover verticalSpacing={4} horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("webhooks.oneEvent")}</Table.Th>
            <Table.Th>{t("webhooks.happened")}</Table.Th>
            <Table.Th>{t("webhooks.became")}</Table.Th>
            <Table.Th ta="right">{t("webhooks.tries")}</Table.Th>
            <Table.Th w={40}>
              <span className="unseen">{t("column.acts")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deliveries.map((one) => (
            <Table.Tr key={one.delivery_id}>
              <Table.Td className="code">{one.event}</Table.Td>
              <Table.Td className="faint">
                <Ago at={one.occurred_at} />
              </Table.Td>
              <Table.Td>
                <Became delivery={one} />
              </Table.Td>
              <Table.Td ta="right">{one.attempts}</Table.Td>
              <Table.Td>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("webhooks.show", { event: one.event })}
                  onClick={() => onShow(one.delivery_id)}
                >
                  <ChevronRight size={15} aria-hidden />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Became({ delivery }: { readonly delivery: Delivery }) {
  const { t } = useTranslation("settings");
  const isBad = delivery.status === "given_up";
  return (
    <Text size="sm" span {...(isBad && { c: "var(--bad-text)" })}>
      {t(`webhooks.delivery.${delivery.status}`)}
      {delivery.status === "pending" && delivery.attempts > 0 && (
        <span className="faint">
          {" "}
          <Ago at={delivery.next_at} />
        </span>
      )}
    </Text>
  );
}

function DeliveryDetail({
  project,
  webhook,
  deliveryId,
  onBack,
}: Props & { readonly deliveryId: string; readonly onBack: () => void }) {
  const { t } = useTranslation("settings");
  const { data, error, refetch } = useQuery(deliveryQuery(project, webhook.webhook_id, deliveryId));
  const again = useAgain(project, () => redeliver(project, webhook.webhook_id, deliveryId));
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="xs">
        <Button variant="subtle" leftSection={<ArrowLeft size={14} aria-hidden />} onClick={onBack}>
          {t("webhooks.back")}
        </Button>
        <Button
          variant="default"
          leftSection={<RotateCw size={14} aria-hidden />}
          loading={again.isPending}
          disabled={!webhook.enabled}
          onClick={() => again.mutate()}
        >
          {t("webhooks.redeliver")}
        </Button>
      </Group>
      {again.error !== null && <ProblemPanel error={again.error} />}
      {error !== null && <ProblemPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Rows count={4} />}
      {data !== undefined && (
        <>
          <Group gap="xs">
            <Text className="code">{data.event}</Text>
            <Became delivery={data} />
          </Group>
          <Stack gap={4} component="ol" p={0} m={0} style={{ listStyle: "none" }}>
            {data.tries.map((one) => (
              <li key={one.number}>
                <Text size="sm">
                  {[
                    t("webhooks.try", { number: one.number, ms: one.duration_ms }),
                    one.status_code ?? one.error,
                  ].join(" · ")}{" "}
                  <span className="faint">
                    <Ago at={one.started_at} />
                  </span>
                </Text>
                {one.response !== "" && (
                  <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                    {one.response}
                  </Code>
                )}
              </li>
            ))}
          </Stack>
          <section aria-label={t("webhooks.payload")} tabIndex={0}>
            <Code block>{JSON.stringify(data.payload, null, 2)}</Code>
          </section>
        </>
      )}
    </Stack>
  );
}
