import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../Dialog";
import { ProblemPanel } from "../ProblemPanel";
import type { Target } from "./target";
import { USES_KEY, inParts, stopUses } from "./target";

interface Props {
  readonly target: Target;
  readonly project: string | null;
  readonly onClose: () => void;
}

/** Asks all open instances to end that use something; nothing brings them back. */
export function StopDialog({ target, project, onClose }: Props) {
  const { t } = useTranslation(["uses", "shared"]);
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const [count, setCount] = useState(0);
  const stopping = useMutation({
    mutationFn: () =>
      inParts(
        () => stopUses(target, { project }),
        (answer) => (answer.has_more ? true : null),
        (answer) => setCount((before) => before + answer.items.length),
      ),
    onSettled: () =>
      Promise.all(
        [USES_KEY, "instances"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
  });
  return (
    <Dialog opened title={t("stop.title")} onClose={onClose}>
      <Stack>
        {stopping.isSuccess ? (
          <Text size="sm" role="status">
            {t("stop.done", { count })}
          </Text>
        ) : (
          <>
            <Text size="sm">{project === null ? t("stop.all") : t("stop.own", { project })}</Text>
            <Checkbox
              label={t("stop.sure")}
              checked={isSure}
              onChange={(event) => setSure(event.currentTarget.checked)}
            />
          </>
        )}
        {stopping.error !== null && <ProblemPanel error={stopping.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t(stopping.isSuccess ? "shared:close" : "back")}
          </Button>
          {!stopping.isSuccess && (
            <Button
              color="red"
              disabled={!isSure}
              loading={stopping.isPending}
              onClick={() => stopping.mutate()}
            >
              {t("stop.go")}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
