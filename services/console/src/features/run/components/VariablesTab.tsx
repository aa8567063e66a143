import { Button, Stack, Text } from "@mantine/core";
import { Variable } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAsking } from "../requests";
import { useRunState } from "./context";
import { JsonView } from "./JsonView";
import { RunDialog } from "./RunDialog";

/** What the run was given, what it has made of that, and what it yields. */
export function VariablesTab() {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  const { askRun } = useAsking();
  const [isSetting, setSetting] = useState(false);
  return (
    <Stack gap="md" maw={860}>
      {view.allowed.includes("set-variables") && (
        <div>
          <Button
            variant="default"
            leftSection={<Variable size={14} aria-hidden />}
            onClick={() => setSetting(true)}
          >
            {t("run.do.set-variables")}
          </Button>
        </div>
      )}
      <JsonView title={t("variables.inputs")} value={view.inputs} />
      {view.variables === null ? (
        <Text size="sm" className="faint">
          {t("wait.notStarted")}
        </Text>
      ) : (
        <JsonView title={t("variables.variables")} value={view.variables} />
      )}
      <JsonView title={t("variables.outputs")} value={view.outputs} />
      {isSetting && (
        <RunDialog
          view={view}
          verb="set-variables"
          onAsk={(command) => {
            setSetting(false);
            askRun(view.instance_id, command);
          }}
          onClose={() => setSetting(false)}
        />
      )}
    </Stack>
  );
}
