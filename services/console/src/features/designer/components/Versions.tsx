import { ActionIcon, Badge, Group, Menu, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { EllipsisVertical } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaVersionSummaryView } from "@/api/schema";
import type { JsonObject } from "@/canvas/flow";
import { readText } from "@/shared/forms/yaml";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { unread } from "@/shared/unread";
import { Ago } from "@/shared/Time";
import { versionQuery, versionsQuery } from "../api";
import type { Editor } from "../model";
import type { Place } from "../panel/types";
import { DiffView } from "./DiffView";
import { RollbackDialog } from "./RollbackDialog";

/** What is looked at: a version and the one before it, or a version and the draft. */
interface Compared {
  readonly before: number;
  readonly after: number | null;
}

/** The versions of a flow: what each has changed, and the way back. */
export function Versions({ place, editor }: { readonly place: Place; readonly editor: Editor }) {
  const { t } = useTranslation("designer");
  const list = useQuery(versionsQuery(place));
  const [compared, setCompared] = useState<Compared | null>(null);
  const [rolled, setRolled] = useState<number | null>(null);
  const error = unread(list);
  if (error !== null) return <ProblemPanel error={error} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Rows count={4} />;
  if (list.data.items.length === 0) return <Text size="sm">{t("versions.none")}</Text>;
  return (
    <>
      <Stack gap="sm" component="ol" p={0} m={0} style={{ listStyle: "none" }}>
        {list.data.items.map((version, index) => (
          <VersionLine
            key={version.number}
            place={place}
            editor={editor}
            version={version}
            isLatest={index === 0}
            onCompare={setCompared}
            onRollBack={setRolled}
          />
        ))}
      </Stack>
      <Comparison
        place={place}
        editor={editor}
        compared={compared}
        onClose={() => setCompared(null)}
      />
      <RollbackDialog place={place} number={rolled} onClose={() => setRolled(null)} />
    </>
  );
}

function VersionLine({
  place,
  editor,
  version,
  isLatest,
  onCompare,
  onRollBack,
}: {
  readonly place: Place;
  readonly editor: Editor;
  readonly version: SchemaVersionSummaryView;
  readonly isLatest: boolean;
  readonly onCompare: (compared: Compared) => void;
  readonly onRollBack: (number: number) => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const { number, note, actor } = version;
  const content = useQuery({ ...versionQuery(place, number), enabled: false });
  const take = async () => {
    const { data } = await content.refetch();
    if (data !== undefined) editor.setText(data.source);
  };
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start">
      <Stack gap={1} flex={1} miw={0}>
        <Text size="sm" fw={570}>
          {t("shared:version", { number })}{" "}
          {isLatest && (
            <Badge size="sm" variant="light">
              {t("versions.latest")}
            </Badge>
          )}
        </Text>
        {note !== "" && <Text size="sm">{note}</Text>}
        <Text size="xs" className="faint">
          {t("versions.by", { actor })} · <Ago at={version.published_at} />
        </Text>
      </Stack>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={28}
            aria-label={`${t("shared:version", { number })}: ${t("bar.more")}`}
          >
            <EllipsisVertical size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onCompare({ before: number, after: null })}>
            {t("versions.withDraft")}
          </Menu.Item>
          {number > 1 && (
            <Menu.Item onClick={() => onCompare({ before: number - 1, after: number })}>
              {t("versions.withBefore", { number })}
            </Menu.Item>
          )}
          <Menu.Item onClick={() => void take()}>{t("versions.open", { number })}</Menu.Item>
          {!isLatest && (
            <Menu.Item onClick={() => onRollBack(number)}>
              {t("versions.rollback", { number })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function Comparison({
  place,
  editor,
  compared,
  onClose,
}: {
  readonly place: Place;
  readonly editor: Editor;
  readonly compared: Compared | null;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const { before = 0, after = null } = compared ?? {};
  const old = useQuery({ ...versionQuery(place, before), enabled: compared !== null });
  const now = useQuery({ ...versionQuery(place, after ?? 0), enabled: after !== null });
  const definition = editor.state().definition;
  const one = useMemo(() => read(old.data?.source), [old.data]);
  const other = useMemo(() => read(now.data?.source), [now.data]);
  const shown = after === null ? definition : other;
  const title = after === null ? t("diff.draft", { before }) : t("diff.from", { before, after });
  return (
    <Dialog opened={compared !== null} onClose={onClose} title={title} size="90%">
      {one === null || shown === null ? (
        <Rows />
      ) : (
        <DiffView before={one} after={shown} label={title} />
      )}
    </Dialog>
  );
}

function read(source: string | undefined): JsonObject | null {
  return source === undefined ? null : readText(source).definition;
}
