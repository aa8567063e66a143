import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  Ban,
  ChevronDown,
  CirclePause,
  Copy,
  Gauge,
  Pin,
  Play,
  RotateCcw,
  Variable,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { canBeHeld, holdQuery } from "../hold";
import type { RunVerb } from "../logic/operations";
import { isAtOnce, isFinal, runVerbs } from "../logic/operations";
import { useAsking } from "../requests";
import { useRunState } from "./context";
import { HoldDialog } from "./HoldDialogs";
import { RunDialog } from "./RunDialog";

const ICONS: Record<RunVerb, typeof Play> = {
  start: Play,
  resume: Play,
  pause: CirclePause,
  "set-variables": Variable,
  "set-priority": Gauge,
  clone: Copy,
  rerun: RotateCcw,
  cancel: Ban,
};

/** What can be done to the run as a whole. */
export function RunActions() {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  const { askRun } = useAsking();
  const [verb, setVerb] = useState<RunVerb | null>(null);
  const [isHolding, setHolding] = useState(false);
  const { data: hold } = useQuery(holdQuery(view));
  const verbs = runVerbs(view);
  const begin = (chosen: RunVerb) => {
    if (isAtOnce(chosen)) askRun(view.instance_id, { verb: chosen as "pause" });
    else setVerb(chosen);
  };
  const others = verbs.filter((one) => !isAtOnce(one));
  return (
    <>
      {verbs.filter(isAtOnce).map((one) => {
        const Icon = ICONS[one];
        return (
          <Button
            key={one}
            variant="default"
            leftSection={<Icon size={14} aria-hidden />}
            onClick={() => begin(one)}
          >
            {t(`run.do.${one}`)}
          </Button>
        );
      })}
      {others.length > 0 && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button
              variant="default"
              aria-label={t("run.operations")}
              rightSection={<ChevronDown size={13} aria-hidden />}
            >
              {t("run.more")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((one) => {
              const Icon = ICONS[one];
              return (
                <Menu.Item
                  key={one}
                  {...(isFinal(one) && { color: "red" })}
                  leftSection={<Icon size={14} aria-hidden />}
                  onClick={() => begin(one)}
                >
                  {t(`run.do.${one}`)}
                </Menu.Item>
              );
            })}
            {canBeHeld(view) && hold === null && (
              <Menu.Item
                leftSection={<Pin size={14} aria-hidden />}
                onClick={() => setHolding(true)}
              >
                {t("hold.do")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {isHolding && <HoldDialog instance={view.instance_id} onClose={() => setHolding(false)} />}
      {verb !== null && (
        <RunDialog
          view={view}
          verb={verb}
          onAsk={(command) => {
            setVerb(null);
            askRun(view.instance_id, command);
          }}
          onClose={() => setVerb(null)}
        />
      )}
    </>
  );
}
