import { Button, Group, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SchemaTakenView } from "@/api/schema";
import { StatusBadge } from "@/shared/StatusBadge";
import type { Outcome } from "../outcomes";
import { useOutcomes } from "../outcomes";
import type { Row } from "../rows";

/** What became of each: refused at once, or taken in and then applied or rejected. */
export function Outcomes({
  rows,
  taken,
  onClose,
}: {
  readonly rows: readonly Row[];
  readonly taken: readonly SchemaTakenView[];
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["instances", "shared"]);
  const outcomes = useOutcomes(taken);
  const names = new Map(rows.map((row) => [row.instance_id, row.name]));
  const count = (state: Outcome["state"]) => outcomes.filter((one) => one.state === state).length;
  return (
    <Stack>
      <Text size="sm" aria-live="polite">
        {t("outcome.sum", {
          applied: count("applied"),
          refused: count("refused"),
          open: count("open"),
        })}
      </Text>
      <ScrollArea.Autosize mah={360}>
        <Table verticalSpacing={4}>
          <Table.Tbody>
            {outcomes.map((one) => (
              <Table.Tr key={one.instanceId}>
                <Table.Td>
                  <Link
                    to="/instances/$instance"
                    params={{ instance: one.instanceId }}
                    className="link"
                  >
                    {names.get(one.instanceId) ?? one.instanceId}
                  </Link>
                  {one.detail !== null && (
                    <Text size="xs" className="faint">
                      {one.detail}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td w={120}>
                  {one.state === "open" ? (
                    <Group gap={5} wrap="nowrap">
                      <LoaderCircle size={14} aria-hidden />
                      {t("outcome.open")}
                    </Group>
                  ) : (
                    <StatusBadge status={one.state === "applied" ? "applied" : "rejected"} />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          {t("shared:close")}
        </Button>
      </Group>
    </Stack>
  );
}
