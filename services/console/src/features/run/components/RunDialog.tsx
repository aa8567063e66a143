import { Button, Checkbox, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import type { SchemaInstanceView } from "@/api/schema";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { PRIORITIES } from "@/shared/priorities";
import type { RunCommand } from "../api";
import { cloneRun, rerun } from "../api";
import type { RunVerb } from "../logic/operations";
import { canRerunFrom, isFinal } from "../logic/operations";
import { JsonField, readAsObject, written } from "./JsonField";

interface Props {
  readonly view: SchemaInstanceView;
  readonly verb: RunVerb;
  /** For a rerun: where it begins, if that is chosen already. */
  readonly node?: string;
  readonly onAsk: (command: RunCommand) => void;
  readonly onClose: () => void;
}

interface Draft {
  readonly hasRollback: boolean;
  readonly priority: string;
  readonly values: string;
  readonly name: string;
  readonly node: string | null;
  readonly isRendered: boolean;
}

/** Says what is about to happen to a run, and asks for what it takes. */
export function RunDialog({ view, verb, node, onAsk, onClose }: Props) {
  const { t } = useTranslation(["run", "shared"]);
  const [draft, setDraft] = useState(() => beginning(view, verb, node));
  const navigate = useNavigate();
  const copying = useMutation({
    mutationFn: () => copyOf(view, verb, draft),
    onSuccess: ({ instance_id: instance }) => {
      onClose();
      void navigate({ to: "/instances/$instance", params: { instance } });
    },
  });
  const isCopy = verb === "clone" || verb === "rerun";
  const command = commandOf(verb, draft);
  const isReady = isCopy ? isWhole(verb, draft) : command !== null;
  const carryOut = () => {
    if (isCopy) copying.mutate();
    else if (command !== null) onAsk(command);
  };
  return (
    <Dialog opened size="lg" onClose={onClose} title={t(`run.ask.${verb}`)}>
      <Stack>
        {isExplained(verb) && <Text size="sm">{t(`run.about.${verb}`)}</Text>}
        <Fields view={view} verb={verb} draft={draft} onChange={setDraft} />
        {copying.error !== null && <ProblemPanel error={copying.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("run.back")}
          </Button>
          <Button
            {...(isFinal(verb) && { color: "red" })}
            loading={copying.isPending}
            disabled={!isReady}
            onClick={carryOut}
          >
            {t("run.sure", { verb: t(`run.do.${verb}`) })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

type Explained = "cancel" | "set-priority" | "set-variables" | "clone" | "rerun";

function isExplained(verb: RunVerb): verb is Explained {
  return verb !== "start" && verb !== "pause" && verb !== "resume";
}

function beginning(view: SchemaInstanceView, verb: RunVerb, node: string | undefined): Draft {
  return {
    hasRollback: false,
    priority: String(view.priority),
    values: written(verb === "clone" ? view.inputs : {}),
    name: view.name,
    node: node ?? null,
    isRendered: true,
  };
}

function commandOf(verb: RunVerb, draft: Draft): RunCommand | null {
  switch (verb) {
    case "start":
    case "pause":
    case "resume":
      return { verb };
    case "cancel":
      return { verb, rollback: draft.hasRollback };
    case "set-priority":
      return { verb, priority: Number(draft.priority) };
    case "set-variables": {
      const values = readAsObject(draft.values);
      return values === null || Object.keys(values).length === 0 ? null : { verb, values };
    }
    case "clone":
    case "rerun":
      return null;
  }
}

function isWhole(verb: RunVerb, draft: Draft): boolean {
  if (draft.name.trim() === "") return false;
  if (verb === "rerun" && draft.node === null) return false;
  return (verb === "rerun" && draft.isRendered) || readAsObject(draft.values) !== null;
}

function copyOf(view: SchemaInstanceView, verb: RunVerb, draft: Draft) {
  const inputs = readAsObject(draft.values) ?? {};
  const name = draft.name.trim();
  if (verb === "clone") return cloneRun(view.instance_id, { name, inputs });
  const node = draft.node ?? "";
  return rerun(view.instance_id, { name, node, inputs: draft.isRendered ? null : inputs });
}

interface FieldsProps {
  readonly view: SchemaInstanceView;
  readonly verb: RunVerb;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

function Fields({ view, verb, draft, onChange }: FieldsProps) {
  const { t } = useTranslation("run");
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  if (verb === "cancel") {
    return (
      <Checkbox
        label={t("field.rollback")}
        checked={draft.hasRollback}
        onChange={(event) => set({ hasRollback: event.currentTarget.checked })}
      />
    );
  }
  if (verb === "set-priority") {
    return (
      <Select
        label={t("field.priority")}
        data={PRIORITIES}
        value={draft.priority}
        allowDeselect={false}
        onChange={(priority) => set({ priority: priority ?? draft.priority })}
      />
    );
  }
  if (verb === "set-variables") {
    return (
      <JsonField
        label={t("field.values")}
        hint={t("field.valuesHint")}
        text={draft.values}
        onChange={(values) => set({ values })}
      />
    );
  }
  if (verb === "clone" || verb === "rerun") {
    return <CopyFields view={view} verb={verb} draft={draft} set={set} />;
  }
  return null;
}

function CopyFields({
  view,
  verb,
  draft,
  set,
}: {
  readonly view: SchemaInstanceView;
  readonly verb: RunVerb;
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}) {
  const { t } = useTranslation("run");
  const nodes = view.nodes.filter((node) => canRerunFrom(view, node));
  return (
    <>
      <TextInput
        label={t("field.name")}
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      {verb === "rerun" && (
        <>
          <Select
            label={t("field.rerunNode")}
            searchable
            data={nodes.map((node) => ({
              value: node.node_id,
              label: node.name === "" ? node.node_id : `${node.name} (${node.node_id})`,
            }))}
            value={draft.node}
            onChange={(node) => set({ node })}
          />
          <Switch
            size="xs"
            label={t("field.rendered")}
            checked={draft.isRendered}
            onChange={(event) => set({ isRendered: event.currentTarget.checked })}
          />
        </>
      )}
      {(verb === "clone" || !draft.isRendered) && (
        <JsonField
          label={t("field.inputs")}
          text={draft.values}
          onChange={(values) => set({ values })}
        />
      )}
    </>
  );
}
