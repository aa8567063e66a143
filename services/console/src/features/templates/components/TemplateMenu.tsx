import { ActionIcon, Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ellipsis, Eye, Tag, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaTemplateView } from "@/api/schema";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { VisibilityDialog } from "@/shared/visibility/VisibilityDialog";
import { TEMPLATES_KEY, deleteTemplate } from "../api";
import { DetailsDialog } from "./DetailsDialog";

interface Props {
  readonly project: string;
  readonly template: SchemaTemplateView;
}

/** What is done to a template seldom. */
export function TemplateMenu({ project, template }: Props) {
  const { t } = useTranslation("templates");
  const [opened, setOpened] = useState<"details" | "visibility" | "delete" | null>(null);
  const close = () => setOpened(null);
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t("menu.label")}>
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Tag size={14} aria-hidden />}
            onClick={() => setOpened("details")}
          >
            {t("menu.details")}
          </Menu.Item>
          <Menu.Item
            leftSection={<Eye size={14} aria-hidden />}
            onClick={() => setOpened("visibility")}
          >
            {t("menu.visibility")}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<Trash2 size={14} aria-hidden />}
            onClick={() => setOpened("delete")}
          >
            {t("menu.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened === "details" && (
        <DetailsDialog project={project} template={template} onClose={close} />
      )}
      {opened === "visibility" && (
        <VisibilityDialog project={project} template={template.key} onClose={close} />
      )}
      {opened === "delete" && (
        <DeleteDialog project={project} template={template} onClose={close} />
      )}
    </>
  );
}

function DeleteDialog({ project, template, onClose }: Props & { readonly onClose: () => void }) {
  const { t } = useTranslation(["templates", "shared"]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: () => deleteTemplate(project, template.key),
    onSuccess: async () => {
      await navigate({ to: "/projects/$project/templates", params: { project } });
      await queries.invalidateQueries({ queryKey: [TEMPLATES_KEY, project] });
    },
  });
  return (
    <Dialog
      opened
      title={t("delete.title", { name: template.title === "" ? template.key : template.title })}
      onClose={onClose}
    >
      <Stack>
        <Text size="sm">{t("delete.text")}</Text>
        {deleting.error !== null && <ProblemPanel error={deleting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button color="red" loading={deleting.isPending} onClick={() => deleting.mutate()}>
            {t("delete.go")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
