import {
  Badge,
  Button,
  Group,
  ScrollArea,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../Dialog";
import type { SchemaUpdatedView } from "@/api/schema";
import { ProblemPanel } from "../ProblemPanel";
import type { Target } from "./target";
import { USES_KEY, inParts, updateUses } from "./target";

interface Props {
  readonly target: Target;
  /** Whose templates are changed; null for those of all projects. */
  readonly project: string | null;
  readonly versions: readonly string[];
  readonly onClose: () => void;
}

/** Brings all that use something to another version, and tells what became of each. */
export function UpdateDialog({ target, project, versions, onClose }: Props) {
  const { t } = useTranslation(["uses", "shared"]);
  const queries = useQueryClient();
  const [version, setVersion] = useState(versions[0] ?? "");
  const [note, setNote] = useState("");
  const [found, setFound] = useState<readonly SchemaUpdatedView[]>([]);
  const updating = useMutation({
    mutationFn: () =>
      inParts(
        (after: string | null) => updateUses(target, { project, toVersion: version, note }, after),
        (answer) => answer.next_after,
        (answer) => setFound((before) => [...before, ...answer.items]),
      ),
    onSettled: () =>
      Promise.all(
        [USES_KEY, "templates"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      ),
  });
  return (
    <Dialog opened size="lg" title={t("update.title")} onClose={onClose}>
      <Stack>
        {!updating.isSuccess && (
          <>
            <Text size="sm">
              {project === null ? t("update.all") : t("update.own", { project })}
            </Text>
            <Select
              label={t("update.version")}
              data={[...versions]}
              value={version}
              allowDeselect={false}
              onChange={(next) => setVersion(next ?? version)}
            />
            <TextInput
              label={t("update.note")}
              value={note}
              maxLength={2000}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
          </>
        )}
        {updating.error !== null && <ProblemPanel error={updating.error} />}
        {updating.isSuccess && found.length === 0 && <Text size="sm">{t("update.none")}</Text>}
        {found.length > 0 && <Updated items={found} />}
        <Group justify="flex-end">
          {updating.isSuccess ? (
            <Button onClick={onClose} data-autofocus>
              {t("shared:close")}
            </Button>
          ) : (
            <>
              <Button variant="default" onClick={onClose}>
                {t("back")}
              </Button>
              <Button
                loading={updating.isPending}
                disabled={version === ""}
                onClick={() => {
                  setFound([]);
                  updating.mutate();
                }}
              >
                {t("update.go", { version })}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

const COLORS = { published: "green", draft: "blue", unchanged: "gray", refused: "red" } as const;

/** What became of each template. */
function Updated({ items }: { readonly items: readonly SchemaUpdatedView[] }) {
  const { t } = useTranslation(["uses", "shared"]);
  return (
    <ScrollArea.Autosize mah={340}>
      <Table verticalSpacing={4} aria-label={t("update.outcomes")}>
        <Table.Tbody>
          {items.map((one) => (
            <Table.Tr key={one.template_id}>
              <Table.Td>
                {one.project}/{one.template}
                {one.detail !== null && (
                  <Text size="xs" className="faint">
                    {one.detail}
                  </Text>
                )}
                {one.errors.map((fault) => (
                  <Text key={fault.loc.join(".") + fault.msg} size="xs" className="faint">
                    {fault.msg}
                  </Text>
                ))}
              </Table.Td>
              <Table.Td w={150} ta="right">
                <Badge variant="dot" color={COLORS[one.outcome]} tt="none" size="sm">
                  {t(`outcome.${one.outcome}`)}
                  {one.outcome === "published" && one.version !== null
                    ? ` ${t("shared:version", { number: one.version })}`
                    : ""}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
