import { Badge, Button, Group, Stack, Table, TagsInput, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaCategoryView } from "@/api/schema";
import { categoriesQuery } from "@/shared/categories";
import { Nothing, Rows } from "@/shared/Page";
import { More } from "@/shared/More";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { VisibilityDialog } from "@/shared/visibility/VisibilityDialog";
import { ownTemplatesQuery, putCategories } from "../api";
import classes from "./settings.module.css";
import type { TabProps } from "./SettingsPage";

/** Which templates other projects see, and into which categories they are sorted. */
export function SharingTab({ project }: TabProps) {
  return (
    <Stack gap="lg">
      <Templates project={project} />
      <Categories project={project} />
    </Stack>
  );
}

function Templates({ project }: TabProps) {
  const { t } = useTranslation(["settings", "visibility"]);
  const list = useInfiniteQuery(ownTemplatesQuery(project));
  const [shown, setShown] = useState<string | null>(null);
  const templates = list.data?.pages.flatMap((page) => page.items);
  return (
    <section aria-labelledby="sharing-templates">
      <Title order={2} id="sharing-templates" mb={6}>
        {t("sharing.templates")}
      </Title>
      {list.error !== null && (
        <ProblemPanel error={list.error} onRetry={() => void list.refetch()} />
      )}
      {templates === undefined && list.error === null && <Rows count={4} />}
      {templates?.length === 0 && (
        <div className="card">
          <Nothing title={t("sharing.none")} />
        </div>
      )}
      {templates !== undefined && templates.length > 0 && (
        <div className={`card ${classes["frame"] ?? ""}`}>
          <Table highlightOnHover verticalSpacing={5} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("sharing.template")}</Table.Th>
                <Table.Th className={classes["wide"] ?? ""}>{t("sharing.reference")}</Table.Th>
                <Table.Th w={140}>{t("sharing.who")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {templates.map((template) => (
                <Table.Tr key={template.template_id}>
                  <Table.Td>
                    <Link
                      to="/projects/$project/templates/$template"
                      params={{ project, template: template.key }}
                      className="link"
                    >
                      {template.title === "" ? template.key : template.title}
                    </Link>{" "}
                    {template.is_common && (
                      <Badge size="xs" variant="outline" color="gray">
                        {t("sharing.common")}
                      </Badge>
                    )}
                  </Table.Td>
                  <Table.Td className={`code faint ${classes["wide"] ?? ""}`}>
                    {template.reference}
                  </Table.Td>
                  <Table.Td>
                    <Button
                      variant="default"
                      aria-label={t("sharing.chooseFor", { name: template.key })}
                      onClick={() => setShown(template.key)}
                    >
                      {t("sharing.choose")}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <More list={list} />
      {shown !== null && (
        <VisibilityDialog project={project} template={shown} onClose={() => setShown(null)} />
      )}
    </section>
  );
}

function Categories({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const found = useQuery(categoriesQuery(project));
  return (
    <section aria-labelledby="sharing-categories">
      <Title order={2} id="sharing-categories" mb={6}>
        {t("categories.title")}
      </Title>
      {found.error !== null && (
        <ProblemPanel error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.data === undefined && found.error === null && <Rows count={1} />}
      {found.data !== undefined && <CategoryForm project={project} known={found.data} />}
    </section>
  );
}

function CategoryForm({
  project,
  known,
}: TabProps & { readonly known: readonly SchemaCategoryView[] }) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const listed = known.filter((one) => one.listed).map((one) => one.name);
  const [names, setNames] = useState<readonly string[] | null>(null);
  const saving = useMutation({
    mutationFn: (wanted: readonly string[]) => putCategories(project, wanted),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["categories", project] });
      setNames(null);
    },
  });
  return (
    <Stack gap="xs" maw={680}>
      <TagsInput
        size="xs"
        label={t("categories.names")}
        description={t("categories.hint")}
        value={[...(names ?? listed)]}
        maxTags={100}
        onChange={setNames}
      />
      {saving.error !== null && <ProblemPanel error={saving.error} />}
      {names !== null && (
        <Group gap="xs">
          <Button loading={saving.isPending} onClick={() => saving.mutate(names)}>
            {t("shared:save")}
          </Button>
          <Button variant="default" onClick={() => setNames(null)}>
            {t("shared:cancel")}
          </Button>
          {names.length === 0 && <Text size="sm">{t("categories.defaults")}</Text>}
        </Group>
      )}
    </Stack>
  );
}
