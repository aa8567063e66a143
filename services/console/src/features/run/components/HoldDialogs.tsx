import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SyntheticEvent } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { deleteHold, holdKey, putHold } from "../hold";

interface Props {
  readonly instance: string;
  readonly onClose: () => void;
}

const LONGEST_REASON = 2000;

/** Asks why a run is to stay. */
export function HoldDialog({ instance, onClose }: Props) {
  const { t } = useTranslation(["run", "shared"]);
  const [reason, setReason] = useState("");
  const reread = useReread(instance);
  const holding = useMutation({
    mutationFn: () => putHold(instance, reason.trim()),
    onSuccess: onClose,
    onSettled: reread,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    holding.mutate();
  };
  return (
    <Dialog opened size="lg" title={t("hold.ask")} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t("hold.about")}</Text>
          <Textarea
            label={t("hold.reason")}
            description={t("field.commentHint")}
            size="xs"
            autosize
            minRows={2}
            maxLength={LONGEST_REASON}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {holding.error !== null && <ProblemPanel error={holding.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("run.back")}
            </Button>
            <Button type="submit" loading={holding.isPending}>
              {t("hold.do")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Asks before a run may go. */
export function LetGoDialog({ instance, onClose }: Props) {
  const { t } = useTranslation("run");
  const reread = useReread(instance);
  const letting = useMutation({
    mutationFn: () => deleteHold(instance),
    onSuccess: onClose,
    onSettled: reread,
  });
  return (
    <Dialog opened title={t("hold.askLetGo")} onClose={onClose}>
      <Stack>
        <Text size="sm">{t("hold.aboutLetGo")}</Text>
        {letting.error !== null && <ProblemPanel error={letting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("run.back")}
          </Button>
          <Button loading={letting.isPending} onClick={() => letting.mutate()}>
            {t("hold.letGo")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Return what has the hold read again, and the run: it may have been archived meanwhile. */
function useReread(instance: string): () => Promise<unknown> {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: holdKey(instance) }),
      queries.invalidateQueries({ queryKey: ["instance", instance] }),
    ]);
}
