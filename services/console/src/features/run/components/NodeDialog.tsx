import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { NodeCommand } from "../api";
import type { Found } from "../logic/found";
import { nameOfFound } from "../logic/found";
import type { NodeVerb } from "../logic/operations";
import { isFinal } from "../logic/operations";
import { NodeForm } from "./NodeForm";
import { beginningOf, commandOf } from "./nodeDraft";

/** Says what is about to happen to a node, and asks for what it takes. */
export function NodeDialog({
  found,
  verb,
  onAsk,
  onClose,
}: {
  readonly found: Found;
  readonly verb: NodeVerb;
  readonly onAsk: (command: NodeCommand) => void;
  readonly onClose: () => void;
}) {
  const { t } = useTranslation(["run", "shared"]);
  const [draft, setDraft] = useState(() => beginningOf(found));
  const name = nameOfFound(found);
  const command = commandOf(verb, draft);
  const isMapRetry = verb === "retry" && found.node?.kind === "map";
  return (
    <Dialog opened size="lg" onClose={onClose} title={t(`ask.${verb}`, { name })}>
      <Stack>
        <Text size="sm">{t(isMapRetry ? "about.retryMap" : `about.${verb}`)}</Text>
        <NodeForm found={found} verb={verb} draft={draft} onChange={setDraft} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("run.back")}
          </Button>
          <Button
            {...(isFinal(verb) && { color: "red" })}
            disabled={command === null}
            onClick={() => command !== null && onAsk(command)}
          >
            {t(`do.${verb}`)}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
