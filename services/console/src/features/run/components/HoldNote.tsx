import { Alert, Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Pin } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Ago } from "@/shared/Time";
import { holdQuery } from "../hold";
import { useRunState } from "./context";
import { LetGoDialog } from "./HoldDialogs";

/** Who has a run stay, and why, where somebody does. */
export function HoldNote() {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  const { data: hold } = useQuery(holdQuery(view));
  const [isAsking, setAsking] = useState(false);
  const close = () => setAsking(false);
  if (hold === undefined || hold === null || view.archived_at !== null) return null;
  return (
    <Alert
      mb="sm"
      py="xs"
      variant="default"
      icon={<Pin size={18} aria-hidden />}
      role="note"
      aria-label={t("hold.label")}
    >
      <Group justify="space-between" gap="xs">
        <div style={{ overflowWrap: "anywhere", minWidth: 0 }}>
          <Text size="sm" fw={550}>
            {t("hold.by", { actor: hold.actor })} · <Ago at={hold.created_at} />
          </Text>
          {hold.reason !== "" && (
            <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
              {hold.reason}
            </Text>
          )}
        </div>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t("hold.letGo")}
        </Button>
      </Group>
      {isAsking && <LetGoDialog instance={view.instance_id} onClose={close} />}
    </Alert>
  );
}
