import { Group, Kbd, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";

const KEYS = {
  "?": "help",
  "/": "search",
  "g h": "home",
  "g i": "instances",
  "g w": "waiting",
  "g t": "templates",
  "g p": "plugins",
  "g s": "settings",
} as const;

export function ShortcutsDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation("app");
  return (
    <Dialog opened={isOpen} onClose={onClose} title={t("shortcuts.title")}>
      <Table>
        <Table.Tbody>
          {Object.entries(KEYS).map(([keys, name]) => (
            <Table.Tr key={keys}>
              <Table.Td>{t(`shortcuts.${name}`)}</Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end">
                  {keys.split(" ").map((key) => (
                    <Kbd key={key}>{key}</Kbd>
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
