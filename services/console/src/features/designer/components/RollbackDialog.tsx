import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { rollBack } from "../api";
import type { Place } from "../panel/types";

/** Asks before an older version becomes the latest again. */
export function RollbackDialog({
  place,
  number,
  onClose,
}: {
  readonly place: Place;
  readonly number: number | null;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const doing = useMutation({
    mutationFn: () => rollBack(place, number ?? 0, note),
    onSuccess: ({ version, changed }) => {
      const key = changed ? "publish.done" : "publish.same";
      notifications.show({ message: t(key, { number: version.number }) });
      void queries.invalidateQueries({ queryKey: ["templates", place.project] });
      onClose();
    },
  });
  return (
    <Dialog
      opened={number !== null}
      onClose={onClose}
      title={t("versions.rollbackTitle", { number: number ?? 0 })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t("versions.rollbackText")}</Text>
          <TextInput
            label={t("publish.note")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            data-autofocus
          />
          {doing.error !== null && <ProblemPanel error={doing.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button type="submit" loading={doing.isPending}>
              {t("versions.rollbackDo")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
