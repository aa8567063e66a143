import { Button, Checkbox, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { PRIORITIES, USUAL_PRIORITY } from "@/shared/priorities";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { StatusBadge } from "@/shared/StatusBadge";
import type { Action } from "../api";
import { operate } from "../api";
import type { Row } from "../rows";
import { Outcomes } from "./Outcomes";

interface Props {
  readonly project: string;
  readonly action: Action;
  readonly rows: readonly Row[];
  readonly onClose: (isDone: boolean) => void;
}

/** Says what is about to happen to how many, then what became of each. */
export function BulkDialog({ project, action, rows, onClose }: Props) {
  const { t } = useTranslation(["instances", "shared"]);
  const [hasRollback, setRollback] = useState(false);
  const [priority, setPriority] = useState(String(USUAL_PRIORITY));
  const operating = useMutation({
    mutationFn: () =>
      operate(project, {
        action,
        ids: rows.map((row) => row.instance_id),
        rollback: action === "cancel" && hasRollback,
        priority: action === "set-priority" ? Number(priority) : null,
      }),
  });
  const count = rows.length;
  const allowed = rows.filter((row) => row.allowed.includes(action)).length;
  return (
    <Dialog
      opened
      size="lg"
      onClose={() => onClose(operating.isSuccess)}
      title={t(operating.isSuccess ? `done.${action}` : `confirm.${action}`, { count })}
    >
      {operating.isSuccess ? (
        <Outcomes rows={rows} taken={operating.data.items} onClose={() => onClose(true)} />
      ) : (
        <Stack>
          <Chosen rows={rows} />
          {allowed < count && (
            <Text size="sm">{t("bulk.refused", { count: count - allowed })}</Text>
          )}
          {action === "cancel" && (
            <Checkbox
              label={t("bulk.rollback")}
              checked={hasRollback}
              onChange={(event) => setRollback(event.currentTarget.checked)}
            />
          )}
          {action === "set-priority" && (
            <Select
              label={t("bulk.priority")}
              data={PRIORITIES}
              value={priority}
              allowDeselect={false}
              onChange={(value) => value !== null && setPriority(value)}
            />
          )}
          {operating.error !== null && <ProblemPanel error={operating.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose(false)}>
              {t("bulk.back")}
            </Button>
            <Button
              {...(action === "cancel" && { color: "red" })}
              loading={operating.isPending}
              disabled={allowed === 0}
              onClick={() => operating.mutate()}
              data-autofocus
            >
              {t(`do.${action}`, { count })}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

const MOST_NAMED = 6;

function Chosen({ rows }: { readonly rows: readonly Row[] }) {
  const { t } = useTranslation(["instances", "shared"]);
  return (
    <Stack gap={4}>
      {rows.slice(0, MOST_NAMED).map((row) => (
        <Group key={row.instance_id} gap="xs" wrap="nowrap">
          <StatusBadge status={row.status} />
          <Text size="sm" className="cut">
            {row.name}
          </Text>
        </Group>
      ))}
      {rows.length > MOST_NAMED && (
        <Text size="sm" className="faint">
          {t("bulk.more", { count: rows.length - MOST_NAMED })}
        </Text>
      )}
    </Stack>
  );
}
