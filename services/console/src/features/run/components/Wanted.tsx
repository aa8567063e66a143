import { Alert, Group, Text } from "@mantine/core";
import { CircleHelp, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/shared/StatusBadge";
import { wantedOf } from "../logic/wanted";
import { useRunState } from "./context";
import { useNameOf } from "./words";
import classes from "./run.module.css";

/** Nodes that are named; the others are found in the list of nodes. */
const MOST_NAMED = 4;

/** What of a run waits for a person: one step from the page's head to where something is to be done. */
export function Wanted() {
  const { t } = useTranslation("run");
  const { view, go } = useRunState();
  const nameOf = useNameOf();
  const wanted = useMemo(() => wantedOf(view), [view]);
  if (wanted.length === 0) return null;
  const isBad = wanted.some((node) => node.reason !== "approval");
  const Icon = isBad ? TriangleAlert : CircleHelp;
  return (
    <Alert
      className={isBad ? "alarm" : ""}
      variant={isBad ? "light" : "default"}
      color={isBad ? "red" : "yellow"}
      mb="sm"
      py={6}
      icon={<Icon size={18} aria-hidden />}
    >
      <Group gap="4px 16px">
        <Text size="sm" fw={600} component="span">
          {t("wanted.title", { count: wanted.length })}
        </Text>
        {wanted.slice(0, MOST_NAMED).map((node) => (
          <button
            key={node.node_id}
            type="button"
            className={classes["nodeButton"]}
            onClick={() => go({ node: node.node_id, attempt: null })}
          >
            <StatusBadge status={node.status} bare />
            {nameOf(node)}
          </button>
        ))}
        {wanted.length > MOST_NAMED && (
          <Text size="sm" component="span">
            {t("wanted.more", { count: wanted.length - MOST_NAMED })}
          </Text>
        )}
      </Group>
    </Alert>
  );
}
