import { Checkbox, Radio, Stack, Switch, TextInput, Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Found } from "../logic/found";
import type { Edge } from "../logic/graph";
import { leaving, nameOf } from "../logic/graph";
import type { NodeVerb } from "../logic/operations";
import { secondsOf } from "../logic/operations";
import { InputsEditor } from "./InputsEditor";
import { JsonField } from "./JsonField";
import type { NodeDraft } from "./nodeDraft";

interface Props {
  readonly found: Found;
  readonly verb: NodeVerb;
  readonly draft: NodeDraft;
  readonly onChange: (draft: NodeDraft) => void;
}

/** What an operation takes besides a yes. */
export function NodeForm({ found, verb, draft, onChange }: Props) {
  const { t } = useTranslation("run");
  const set = (change: Partial<NodeDraft>) => onChange({ ...draft, ...change });
  switch (verb) {
    case "retry":
    case "restart":
      return <InputsFields found={found} draft={draft} set={set} />;
    case "force-succeed":
      return (
        <JsonField
          label={t("field.outputs")}
          text={draft.outputs}
          onChange={(outputs) => set({ outputs })}
        />
      );
    case "reset-timer":
      return (
        <TextInput
          label={t("field.time")}
          description={t("field.timeHint")}
          error={secondsOf(draft.time) === null && t("field.timeWrong")}
          value={draft.time}
          onChange={(event) => set({ time: event.currentTarget.value })}
          data-autofocus
        />
      );
    case "choose":
      return <Branches found={found} draft={draft} set={set} />;
    case "force-fail":
    case "approve":
    case "reject":
      return (
        <Textarea
          label={t(verb === "force-fail" ? "field.message" : "field.comment")}
          description={t("field.commentHint")}
          autosize
          minRows={2}
          maxRows={8}
          value={draft.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
          data-autofocus
        />
      );
    case "skip":
    case "pause":
    case "resume":
      return null;
  }
}

interface Part {
  readonly found: Found;
  readonly draft: NodeDraft;
  readonly set: (change: Partial<NodeDraft>) => void;
}

/** A map takes up what it has left; everything else may be given other inputs. */
function InputsFields({ found, draft, set }: Part) {
  const { t } = useTranslation("run");
  const kind = found.node?.kind;
  if (kind !== "activity" && kind !== "subflow") return null;
  return (
    <Stack gap="xs">
      <Switch
        size="xs"
        label={t("field.same")}
        checked={draft.isSame}
        onChange={(event) => set({ isSame: event.currentTarget.checked })}
      />
      {!draft.isSame && (
        <InputsEditor
          plugin={found.node?.plugin ?? null}
          text={draft.inputs}
          onChange={(inputs) => set({ inputs })}
        />
      )}
    </Stack>
  );
}

/** One way out of an exclusive gateway, one or more of a conditional parallel one. */
function Branches({ found, draft, set }: Part) {
  const { t } = useTranslation("run");
  const { graph } = found.layer;
  const edges = leaving(graph, found.id);
  const label = (edge: Edge) => {
    const target = graph.vertices.get(edge.target);
    const name = target === undefined ? edge.target : nameOf(target);
    const said = edge.name === "" ? edge.condition : edge.name;
    return said === null ? name : `${name} (${said})`;
  };
  if (found.node?.kind === "exclusive") {
    return (
      <Radio.Group
        label={t("field.branch")}
        value={draft.targets[0] ?? null}
        onChange={(target) => set({ targets: [target] })}
      >
        <Stack gap={6} mt={6}>
          {edges.map((edge) => (
            <Radio key={edge.target} value={edge.target} label={label(edge)} size="xs" />
          ))}
        </Stack>
      </Radio.Group>
    );
  }
  return (
    <Checkbox.Group
      label={t("field.branch")}
      value={[...draft.targets]}
      onChange={(targets) => set({ targets })}
    >
      <Stack gap={6} mt={6}>
        {edges.map((edge) => (
          <Checkbox key={edge.target} value={edge.target} label={label(edge)} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
