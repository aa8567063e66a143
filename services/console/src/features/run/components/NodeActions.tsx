import { Button, Group, Menu } from "@mantine/core";
import {
  Ban,
  Check,
  ChevronDown,
  CirclePause,
  GitBranch,
  Play,
  RotateCcw,
  RotateCw,
  SkipForward,
  ThumbsDown,
  ThumbsUp,
  Timer,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeCommand } from "../api";
import type { Found } from "../logic/found";
import { instanceOf } from "../logic/found";
import type { NodeVerb } from "../logic/operations";
import { canRerunFrom, isAtOnce, isFinal, isMain, nodeVerbs } from "../logic/operations";
import { useAsking } from "../requests";
import { NodeDialog } from "./NodeDialog";
import { RunDialog } from "./RunDialog";

export const VERB_ICONS: Record<NodeVerb, typeof Check> = {
  approve: ThumbsUp,
  reject: ThumbsDown,
  retry: RotateCw,
  choose: GitBranch,
  skip: SkipForward,
  restart: RotateCcw,
  "reset-timer": Timer,
  "force-succeed": Check,
  "force-fail": Ban,
  resume: Play,
  pause: CirclePause,
};

/** What can be done to a node as it stands; nothing that would be refused. */
export function NodeActions({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { askNode } = useAsking();
  const [verb, setVerb] = useState<NodeVerb | null>(null);
  const [isRerunning, setRerunning] = useState(false);
  const instance = instanceOf(found);
  const verbs = nodeVerbs(found.node);
  const view = found.layer.run?.instance;
  const canRerun = view !== undefined && canRerunFrom(view, found.node);
  if (instance === null || (verbs.length === 0 && !canRerun)) return null;
  const ask = (command: NodeCommand) => askNode(instance, found.id, command);
  const begin = (chosen: NodeVerb) => {
    if (isAtOnce(chosen)) ask({ verb: chosen as "pause" | "resume" });
    else setVerb(chosen);
  };
  const main = verbs.filter((one) => isMain(one) || verbs.length < FEW);
  const others = verbs.filter((one) => !main.includes(one));
  return (
    <Group gap={6}>
      {main.map((one) => (
        <VerbButton key={one} verb={one} onClick={() => begin(one)} />
      ))}
      {(others.length > 0 || canRerun) && (
        <Menu position="bottom-start" shadow="md">
          <Menu.Target>
            <Button variant="default" rightSection={<ChevronDown size={13} aria-hidden />}>
              {t("run.more")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((one) => {
              const Icon = VERB_ICONS[one];
              return (
                <Menu.Item
                  key={one}
                  leftSection={<Icon size={14} aria-hidden />}
                  onClick={() => begin(one)}
                >
                  {t(`do.${one}`)}
                </Menu.Item>
              );
            })}
            {canRerun && (
              <Menu.Item
                leftSection={<RotateCcw size={14} aria-hidden />}
                onClick={() => setRerunning(true)}
              >
                {t("run.do.rerun")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {verb !== null && (
        <NodeDialog
          found={found}
          verb={verb}
          onAsk={(command) => {
            setVerb(null);
            ask(command);
          }}
          onClose={() => setVerb(null)}
        />
      )}
      {isRerunning && view !== undefined && (
        <RunDialog
          view={view}
          verb="rerun"
          node={found.id}
          onAsk={() => undefined}
          onClose={() => setRerunning(false)}
        />
      )}
    </Group>
  );
}

/** So many stand side by side; more are hidden behind "more". */
const FEW = 4;

function VerbButton({ verb, onClick }: { readonly verb: NodeVerb; readonly onClick: () => void }) {
  const { t } = useTranslation("run");
  const Icon = VERB_ICONS[verb];
  const isFirst = verb === "approve" || verb === "retry";
  return (
    <Button
      {...(!isFirst && { variant: isFinal(verb) ? "outline" : "default" })}
      {...(isFinal(verb) && { color: "red" })}
      leftSection={<Icon size={14} aria-hidden />}
      onClick={onClick}
    >
      {t(`do.${verb}`)}
    </Button>
  );
}
