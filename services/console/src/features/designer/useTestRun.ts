import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { mockRun } from "./api";
import type { Editor } from "./model";
import type { Place } from "./panel/types";

/** Run what is on the screen without running any plugin, and go to watch it. */
export function useTestRun(place: Place, editor: Editor) {
  const { t } = useTranslation("designer");
  const navigate = useNavigate();
  const doing = useMutation({
    mutationFn: () => mockRun(place, editor.text()),
    onSuccess: ({ instance_id }) => {
      notifications.show({ color: "teal", title: t("test.running"), message: t("test.text") });
      void navigate({ to: "/instances/$instance", params: { instance: instance_id } });
    },
  });
  return { run: () => doing.mutate(), error: doing.error };
}
