import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionError } from "@/api/problem";
import { LinkButton } from "@/shared/links";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { WaitingNode } from "@/shared/waiting";
import { WAITING_KEY } from "@/shared/waiting";
import type { Act } from "../acts";
import { actsOf, isAsked, takesComment } from "../acts";
import { act } from "../api";
import classes from "./waiting.module.css";

interface Props {
  readonly node: WaitingNode;
  readonly name: string;
  readonly isGone: boolean;
  readonly onDone: () => void;
}

/** Acts that look like the one that is meant, and those that look like a warning. */
const LOOKS: Record<Act, { readonly variant: string; readonly color?: string }> = {
  approve: { variant: "filled" },
  reject: { variant: "outline", color: "red" },
  retry: { variant: "filled" },
  skip: { variant: "default" },
};

/** What can be done about a node; what cannot be taken back is asked about first. */
export function Acts({ node, name, isGone, onDone }: Props) {
  const { t } = useTranslation("waiting");
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Act | null>(null);
  const [comment, setComment] = useState("");
  const acting = useMutation({
    mutationFn: (wanted: Act) => act(node.instance_id, node.node_id ?? "", wanted, comment.trim()),
    onSuccess: ({ outcome }, wanted) => {
      const isSettled = outcome === "applied";
      notifications.show({
        color: isSettled ? "teal" : "gray",
        message: t(isSettled ? `done.${wanted}` : "done.later", { name }),
      });
      if (isSettled) onDone();
      setAsked(null);
    },
    onError: (error) => {
      // Somebody else may have been quicker: what is shown is old then.
      if (!(error instanceof ConnectionError)) {
        void queries.invalidateQueries({ queryKey: [WAITING_KEY] });
      }
    },
  });
  const begin = (wanted: Act) => {
    acting.reset();
    if (isAsked(wanted)) setAsked(wanted);
    else acting.mutate(wanted);
  };
  return (
    <Stack gap="xs">
      {acting.error !== null && <ProblemPanel error={acting.error} />}
      {asked === null ? (
        <Group gap="xs" className={classes["acts"] ?? ""}>
          {actsOf(node).map((one) => (
            <Button
              key={one}
              {...LOOKS[one]}
              loading={acting.isPending && acting.variables === one}
              disabled={acting.isPending || isGone}
              aria-label={t(`label.${one}`, { name })}
              onClick={() => begin(one)}
            >
              {t(`act.${one}`)}
            </Button>
          ))}
          <LinkButton
            to="/instances/$instance"
            params={{ instance: node.instance_id }}
            {...(node.node_id !== null && { search: { node: node.node_id } })}
            aria-label={t("label.open", { name: node.instance_name })}
          >
            {t("act.open")}
          </LinkButton>
        </Group>
      ) : (
        <Asked
          asked={asked}
          comment={comment}
          isBusy={acting.isPending}
          isGone={isGone}
          onComment={setComment}
          onBack={() => {
            acting.reset();
            setAsked(null);
          }}
          onGo={() => acting.mutate(asked)}
        />
      )}
    </Stack>
  );
}

function Asked({
  asked,
  comment,
  isBusy,
  isGone,
  onComment,
  onBack,
  onGo,
}: {
  readonly asked: Act;
  readonly comment: string;
  readonly isBusy: boolean;
  readonly isGone: boolean;
  readonly onComment: (comment: string) => void;
  readonly onBack: () => void;
  readonly onGo: () => void;
}) {
  const { t } = useTranslation("waiting");
  return (
    <>
      <Text size="sm" role="status">
        {t(`ask.${asked}`)}
      </Text>
      {takesComment(asked) && (
        <Textarea
          label={t("comment")}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={10_000}
          value={comment}
          data-autofocus
          onChange={(event) => onComment(event.currentTarget.value)}
        />
      )}
      <Group gap="xs" className={classes["acts"] ?? ""}>
        <Button
          variant="filled"
          {...(asked === "approve" ? {} : { color: "red" })}
          loading={isBusy}
          disabled={isGone}
          onClick={onGo}
        >
          {t(`go.${asked}`)}
        </Button>
        <Button variant="default" disabled={isBusy} onClick={onBack}>
          {t("back")}
        </Button>
      </Group>
    </>
  );
}
