import { ActionIcon, Button, Checkbox, Group, Menu, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, BookmarkPlus, ChevronDown, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { deleteFilter, filtersQuery, saveFilter } from "../api";
import type { InstanceSearch } from "../search";
import { isNarrowed, savedParameters, searchOf } from "../search";

interface Props {
  readonly project: string;
  readonly search: InstanceSearch;
  readonly onChange: (search: InstanceSearch) => void;
}

/** Filters with a name: one's own, and those that the project shares. */
export function SavedFilters({ project, search, onChange }: Props) {
  const { t } = useTranslation(["instances", "shared"]);
  const queries = useQueryClient();
  const [isSaving, setSaving] = useState(false);
  const { data: filters = [], error } = useQuery(filtersQuery(project));
  const refresh = () => queries.invalidateQueries({ queryKey: ["filters", project] });
  const deleting = useMutation({
    mutationFn: (filter: (typeof filters)[number]) => deleteFilter(project, filter),
    onSuccess: refresh,
  });
  const wanted = JSON.stringify(savedParameters(search));
  const chosen = filters.find(
    (one) => JSON.stringify(savedParameters(searchOf(one.parameters))) === wanted,
  );
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={280}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<Bookmark size={14} aria-hidden />}
            rightSection={<ChevronDown size={14} aria-hidden />}
          >
            {chosen?.name ?? t("saved.title")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(error ?? deleting.error) !== null && (
            <ProblemPanel error={error ?? deleting.error} onRetry={() => void refresh()} />
          )}
          {filters.length === 0 && (
            <Text size="xs" p="xs" className="faint">
              {t("saved.none")}
            </Text>
          )}
          {filters.map((filter) => (
            <Group key={`${filter.name}${filter.shared}`} gap={2} wrap="nowrap">
              <Menu.Item
                onClick={() => onChange(searchOf(filter.parameters))}
                rightSection={
                  filter.shared && <Users size={13} aria-label={t("saved.shared")} role="img" />
                }
              >
                {filter.name}
              </Menu.Item>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("saved.delete", { name: filter.name })}
                loading={deleting.isPending && deleting.variables === filter}
                onClick={() => deleting.mutate(filter)}
              >
                <Trash2 size={14} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<BookmarkPlus size={14} aria-hidden />}
            disabled={!isNarrowed(search)}
            onClick={() => setSaving(true)}
          >
            {t("saved.save")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isSaving && (
        <SaveDialog
          project={project}
          search={search}
          onClose={() => {
            setSaving(false);
            void refresh();
          }}
        />
      )}
    </>
  );
}

/** As the API has it: lower-case letters, digits, dashes. */
const NAME = /^[a-z][a-z0-9_-]{0,62}$/;

function SaveDialog({
  project,
  search,
  onClose,
}: {
  readonly project: string;
  readonly search: InstanceSearch;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["instances", "shared"]);
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const saving = useMutation({
    mutationFn: () =>
      saveFilter(project, { name, shared: isShared, parameters: savedParameters(search) }),
    onSuccess: onClose,
  });
  return (
    <Dialog opened onClose={onClose} title={t("saved.save")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t("saved.name")}
            description={t("saved.nameHint")}
            required
            data-autofocus
            value={name}
            error={name !== "" && !NAME.test(name) ? t("saved.nameWrong") : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label={t("saved.share")}
            checked={isShared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          {search.period !== undefined && (
            <Text size="xs" className="faint">
              {t("saved.noPeriod")}
            </Text>
          )}
          {saving.error !== null && <ProblemPanel error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("shared:cancel")}
            </Button>
            <Button type="submit" loading={saving.isPending} disabled={!NAME.test(name)}>
              {t("shared:save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
