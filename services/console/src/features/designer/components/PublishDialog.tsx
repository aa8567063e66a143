import { Alert, Button, Group, Stack, Textarea } from "@mantine/core";
import { randomId } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { LinkButton } from "@/shared/links";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Drafting } from "../drafting";
import type { Editor } from "../model";
import type { Place } from "../panel/types";
import { ConflictError, publishDraft } from "../sharing";

/** Long enough to be read, and to go on from. */
const STAYS_MS = 12_000;

/** Leads on to where what has just been published is started. */
function StartIt({
  place,
  number,
  onStart,
}: {
  readonly place: Place;
  readonly number: number;
  readonly onStart: () => void;
}) {
  const { t } = useTranslation("designer");
  return (
    <LinkButton
      to="/projects/$project/templates/$template/start"
      params={place}
      search={{ version: number }}
      mt={4}
      leftSection={<Play size={14} aria-hidden />}
      onClick={onStart}
    >
      {t("publish.start", { number })}
    </LinkButton>
  );
}

/** Asks what is new, and makes the draft the version that new instances take. */
export function PublishDialog({
  isOpen,
  place,
  editor,
  drafting,
  problemCount,
  onProblems,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly place: Place;
  readonly editor: Editor;
  readonly drafting: Drafting;
  readonly problemCount: number;
  readonly onProblems: () => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const doing = useMutation({
    mutationFn: () => publishDraft(place, editor, drafting, note),
    onSuccess: ({ version, changed }) => {
      const { number } = version;
      const id = randomId();
      notifications.show({
        ...{ id, color: "teal", autoClose: STAYS_MS },
        title: t(changed ? "publish.done" : "publish.same", { number }),
        message: <StartIt place={place} number={number} onStart={() => notifications.hide(id)} />,
      });
      void queries.invalidateQueries({ queryKey: ["templates", place.project] });
      setNote("");
      onClose();
    },
    onError: (error) => {
      if (error instanceof ConflictError) onClose();
    },
  });
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("publish.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap="sm">
          {problemCount > 0 && (
            <Alert className="alarm" variant="light">
              <Stack gap={6} align="flex-start">
                {t("publish.problems", { count: problemCount })}
                <Button variant="default" onClick={onProblems}>
                  {t("publish.show")}
                </Button>
              </Stack>
            </Alert>
          )}
          <Textarea
            label={t("publish.note")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={2000}
            data-autofocus
          />
          {doing.error !== null && !(doing.error instanceof ConflictError) && (
            <ProblemPanel error={doing.error} />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button type="submit" loading={doing.isPending} disabled={problemCount > 0}>
              {t("publish.do")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
