import { Button, Group, Kbd, Select, Stack, Table, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { mayConnect } from "@/canvas/edit";
import { END } from "@/canvas/flow";
import type { Commands } from "../commands";
import type { Editor } from "../model";
import { useTitles } from "./Side";

interface Props {
  readonly editor: Editor;
  readonly commands: Commands;
  /** Which node; null while it is closed. */
  readonly node: string | null;
  readonly onClose: () => void;
}

/** Connects nodes without a mouse. */
export function ConnectDialog({ editor, commands, node, onClose }: Props) {
  const { t } = useTranslation(["designer", "shared"]);
  const titles = useTitles(editor);
  return (
    <Dialog
      opened={node !== null}
      onClose={onClose}
      title={t("connect.title", { title: titles.get(node ?? "") ?? "" })}
    >
      {node !== null && (
        <ConnectForm editor={editor} commands={commands} node={node} onClose={onClose} />
      )}
    </Dialog>
  );
}

function ConnectForm({ editor, commands, node, onClose }: Props & { readonly node: string }) {
  const { t } = useTranslation(["designer", "shared"]);
  const titles = useTitles(editor);
  const { flow } = editor.state();
  const [target, setTarget] = useState<string | null>(null);
  const choices = [...flow.nodes.map(({ id }) => id), END]
    .filter((id) => mayConnect(flow, node, id))
    .map((id) => {
      const title = titles.get(id) ?? id;
      return { value: id, label: title === id || id === END ? title : `${title} (${id})` };
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (target === null) return;
        commands.connect(node, target);
        onClose();
      }}
    >
      <Stack gap="sm">
        <Select
          label={t("connect.to")}
          data={choices}
          value={target}
          onChange={setTarget}
          searchable
          selectFirstOptionOnChange
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button type="submit" disabled={target === null}>
            {t("connect.do")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Gives a node another name. */
export function NameDialog({ editor, commands, node, onClose }: Props) {
  const { t } = useTranslation(["designer", "shared"]);
  const titles = useTitles(editor);
  return (
    <Dialog
      opened={node !== null}
      onClose={onClose}
      title={t("rename.title", { title: titles.get(node ?? "") ?? "" })}
    >
      {node !== null && (
        <NameForm
          first={titles.get(node) ?? ""}
          onClose={onClose}
          onName={(name) => commands.setName(node, name === node ? "" : name)}
        />
      )}
    </Dialog>
  );
}

function NameForm({
  first,
  onName,
  onClose,
}: {
  readonly first: string;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  const [name, setName] = useState(first);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onName(name.trim());
        onClose();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t("rename.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("shared:cancel")}
          </Button>
          <Button type="submit">{t("rename.do")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

const KEYS = [
  ["add", "A", "/"],
  ["enter", "Enter"],
  ["leave", "Esc"],
  ["walk", "← ↑ → ↓"],
  ["extend", "Ctrl ← ↑ → ↓"],
  ["move", "Shift ← ↑ → ↓"],
  ["open", "Enter"],
  ["connect", "C"],
  ["rename", "F2"],
  ["delete", "Delete"],
  ["copy", "Ctrl C", "Ctrl X", "Ctrl V"],
  ["duplicate", "Ctrl D"],
  ["all", "Ctrl A"],
  ["box", "Shift"],
  ["undo", "Ctrl Z", "Ctrl Y"],
  ["save", "Ctrl S"],
  ["fit", "F"],
  ["arrange", "L", "Shift L"],
  ["escape", "Esc"],
  ["help", "?"],
] as const;

/** What each key does. */
export function KeysDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["designer", "shared"]);
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("keys.title")} size="lg">
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {KEYS.map(([name, ...keys]) => (
            <Table.Tr key={name}>
              <Table.Td>{t(`keys.${name}`)}</Table.Td>
              <Table.Td>
                <Group gap={6} justify="flex-end">
                  {keys.map((one) => (
                    <Kbd key={one}>{one}</Kbd>
                  ))}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  );
}
