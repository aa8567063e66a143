import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import { queuesQuery } from "@/shared/queues";
import { gatewaysQuery } from "../api";
import classes from "./plugins.module.css";

/** Whether anything runs plugins right now, and how much waits for it. */
export function Alive({ project }: { readonly project: string }) {
  const { t } = useTranslation("plugins");
  const gateways = useQuery(gatewaysQuery);
  const queues = useQuery(queuesQuery);
  const alive = gateways.data?.items;
  if (alive === undefined) return null;
  const Icon = alive.length > 0 ? CircleCheck : TriangleAlert;
  return (
    <Group gap="md" style={{ rowGap: 2 }} wrap="wrap" role="status">
      <Text size="sm" className={classes["alive"] ?? ""} data-good={alive.length > 0}>
        <Icon size={15} aria-hidden />
        {alive.length === 0
          ? t("alive.none")
          : t("alive.gateways", {
              count: alive.length,
              hosts: [...new Set(alive.map((one) => one.host))].slice(0, MOST_HOSTS).join(", "),
            })}
      </Text>
      {queues.data !== undefined && (
        <LinkText
          to="/projects/$project/settings"
          params={{ project }}
          search={{ tab: "queues" }}
          className="numbers"
        >
          {t("alive.queues", {
            count: queues.data.items.reduce((sum, queue) => sum + queue.waiting, 0),
          })}
        </LinkText>
      )}
    </Group>
  );
}

const MOST_HOSTS = 3;
