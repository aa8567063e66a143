import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { ProblemPanel } from "@/shared/ProblemPanel";

/** What is asked before something is done that is not taken back by a further click. */
export function Question({
  title,
  text,
  go,
  error,
  isPending,
  isBad = false,
  onGo,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  readonly go: string;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly isBad?: boolean;
  readonly onGo: () => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation("shared");
  return (
    <Dialog opened title={title} onClose={onClose}>
      <Stack>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {text}
        </Text>
        {error !== null && <ProblemPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button {...(isBad && { color: "red" })} loading={isPending} onClick={onGo}>
            {go}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
