import { Alert, Button, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUpCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { TEMPLATES_KEY, outdatedQuery, updateSubflows } from "../api";

/** Subflows that are pinned to older versions, and one button that brings all of them up to date. */
export function Outdated({
  project,
  template,
}: {
  readonly project: string;
  readonly template: string;
}) {
  const { t } = useTranslation(["templates", "shared"]);
  const queries = useQueryClient();
  const { data } = useQuery(outdatedQuery(project, template));
  const updating = useMutation({
    mutationFn: () => updateSubflows(project, template, t("outdated.note")),
    onSuccess: ({ outcome, version }) => {
      if (outcome === "refused") return;
      notifications.show({ message: t("outdated.done", { version: version ?? 0 }) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [TEMPLATES_KEY] }),
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Alert
      color="gray"
      variant="light"
      icon={<ArrowUpCircle size={18} aria-hidden />}
      title={t("outdated.title", { count: data.items.length })}
    >
      <Stack gap="xs" align="flex-start">
        <Table withRowBorders={false} verticalSpacing={2} aria-label={t("outdated.label")}>
          <Table.Tbody className="numbers">
            {data.items.map((one) => (
              <Table.Tr key={one.node_id}>
                <Table.Td className="code">{one.node_id}</Table.Td>
                <Table.Td className="code">{one.template}</Table.Td>
                <Table.Td>
                  {t("shared:version", { number: one.pinned })} →{" "}
                  {t("shared:version", { number: one.latest })}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {updating.error !== null && <ProblemPanel error={updating.error} />}
        {updating.data?.outcome === "refused" && (
          <Text size="sm" c="var(--bad-text)" role="alert">
            {updating.data.detail ?? updating.data.code}
          </Text>
        )}
        <Button loading={updating.isPending} onClick={() => updating.mutate()}>
          {t("outdated.go")}
        </Button>
      </Stack>
    </Alert>
  );
}
