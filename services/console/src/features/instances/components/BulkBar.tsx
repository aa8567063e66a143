import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { InstanceQuery } from "@/shared/instances";
import { ProblemText } from "@/shared/ProblemPanel";
import type { Action } from "../api";
import { ACTIONS, MOST_TARGETS, readMatching } from "../api";
import { BulkDialog } from "./BulkDialog";
import classes from "./instances.module.css";
import type { Selection } from "./InstanceTable";

interface Props {
  readonly project: string;
  readonly query: InstanceQuery;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
}

/** What can be done with what is selected. */
export function BulkBar({ project, query, selection, onSelect }: Props) {
  const { t } = useTranslation("instances");
  const [action, setAction] = useState<Action | null>(null);
  const choosing = useMutation({
    mutationFn: () => {
      const { cursor: _, ...whole } = query;
      return readMatching(project, whole);
    },
    onSuccess: (rows) => onSelect(new Map(rows.map((row) => [row.instance_id, row]))),
  });
  if (selection.size === 0) return null;
  return (
    <div className={classes["bar"]} role="region" aria-label={t("bulk.label")}>
      <strong aria-live="polite">{t("bulk.selected", { count: selection.size })}</strong>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button rightSection={<ChevronDown size={14} aria-hidden />}>{t("bulk.operate")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ACTIONS.map((one) => (
            <Menu.Item
              key={one}
              {...(one === "cancel" && { color: "red" })}
              onClick={() => setAction(one)}
            >
              {t(`action.${one}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" loading={choosing.isPending} onClick={() => choosing.mutate()}>
        {t("bulk.all", { most: MOST_TARGETS })}
      </Button>
      <Button variant="subtle" color="gray" onClick={() => onSelect(new Map())}>
        {t("bulk.none")}
      </Button>
      {choosing.error !== null && <ProblemText error={choosing.error} />}
      {action !== null && (
        <BulkDialog
          project={project}
          action={action}
          rows={[...selection.values()]}
          onClose={(isDone) => {
            setAction(null);
            if (isDone) onSelect(new Map());
          }}
        />
      )}
    </div>
  );
}
