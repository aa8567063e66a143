import { Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileInput, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, body } from "@/api/client";
import { instancesQuery } from "@/shared/instances";
import { LinkButton } from "@/shared/links";
import { NewTemplateButton } from "@/shared/newTemplate/NewTemplateButton";

/** Leads on where nothing has run yet: to a flow of one's own, and to what is there already. */
export function FirstTime({ project }: { readonly project: string }) {
  const { t } = useTranslation("home");
  const ran = useQuery(instancesQuery(project, { limit: 1 }));
  const isNew = ran.data?.items.length === 0 && !ran.isPlaceholderData;
  const templates = useQuery({
    queryKey: ["templates", project, "any"],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/projects/{project}/templates", {
          params: { path: { project }, query: { limit: 1 } },
          signal,
        }),
      ),
    enabled: isNew,
  });
  if (!isNew) return null;
  return (
    <Stack
      component="section"
      aria-labelledby="first"
      className="card"
      p="lg"
      mb="md"
      gap="sm"
      align="flex-start"
    >
      <Title order={2} id="first">
        {t("first.title")}
      </Title>
      <Text size="sm" maw={640}>
        {t("first.text")}
      </Text>
      <Group gap="xs">
        <NewTemplateButton project={project} size="md">
          {t("first.draw")}
        </NewTemplateButton>
        {templates.data !== undefined && templates.data.items.length > 0 && (
          <LinkButton
            to="/projects/$project/templates"
            params={{ project }}
            size="md"
            leftSection={<Play size={16} aria-hidden />}
          >
            {t("first.start")}
          </LinkButton>
        )}
        <LinkButton
          to="/projects/$project/templates/import"
          params={{ project }}
          size="md"
          leftSection={<FileInput size={16} aria-hidden />}
        >
          {t("first.import")}
        </LinkButton>
      </Group>
    </Stack>
  );
}
