import { ActionIcon } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SchemaTemplateView } from "@/api/schema";
import { ProblemText } from "@/shared/ProblemPanel";
import { TEMPLATES_KEY, setFavourite } from "../api";

/** Whether a template is one's favourite, and the way to change that. */
export function Favourite({
  project,
  template,
}: {
  readonly project: string;
  readonly template: SchemaTemplateView;
}) {
  const { t } = useTranslation("templates");
  const queries = useQueryClient();
  const marking = useMutation({
    mutationFn: (wanted: boolean) => setFavourite(project, template, wanted),
    onSettled: () => queries.invalidateQueries({ queryKey: [TEMPLATES_KEY, project] }),
    onError: (error) =>
      notifications.show({ color: "red", message: <ProblemText error={error} /> }),
  });
  // What was asked for is shown at once; a refusal takes it back.
  const isMarked = marking.isPending ? marking.variables : template.favourite === true;
  const name = template.title === "" ? template.key : template.title;
  return (
    <ActionIcon
      variant="subtle"
      color={isMarked ? "yellow.7" : "gray"}
      size="sm"
      aria-pressed={isMarked}
      aria-label={t("favourite", { name })}
      onClick={() => marking.mutate(!isMarked)}
    >
      <Star size={15} aria-hidden fill={isMarked ? "currentColor" : "none"} />
    </ActionIcon>
  );
}
