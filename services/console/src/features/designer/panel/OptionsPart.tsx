import { Checkbox, Group, NumberInput, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaPluginView } from "@/api/schema";
import { ExpressionField } from "@/shared/forms/ExpressionField";
import type { Knowledge } from "@/shared/forms/scope";
import { outputsOf, scopeAt } from "@/shared/forms/scope";
import type { Json, JsonObject, Scope } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { asList, asObject, asText, duration, given, told, withKey } from "./edits";
import { FailureOptions } from "./FailureOptions";
import { DeadlineOptions } from "./DeadlineOptions";
import type { PartProps } from "./parts";
import { Section } from "./parts";
import { RollbackOptions } from "./RollbackOptions";

export interface OptionsProps extends PartProps {
  readonly definition: JsonObject;
  readonly known: Knowledge;
  readonly plugin: SchemaPluginView | undefined;
}

/** How a node is run: when, how often again, how long, by whom, and what undoes it. */
export function OptionsPart(props: OptionsProps) {
  const { node, definition, known, problems, readOnly, onChange } = props;
  const { t } = useTranslation("panel");
  const id = asText(node["id"]);
  const isPlugin = "plugin" in node;
  const isMap = isObject(node["map"]);
  const scopes = useMemo(
    () => ({
      plain: scopeAt(definition, { node: id }, known),
      item: scopeAt(definition, { node: id, isItem: isMap }, known),
      after: scopeAt(definition, { node: id, ownOutputs: true }, known),
    }),
    [definition, id, isMap, known],
  );
  const set = (key: string, value: Json | undefined) => onChange(withKey(node, key, value));
  const part = { node, problems, readOnly, onChange };
  return (
    <Stack gap="lg">
      <Section title={t("when.title")}>
        <Checkbox
          label={t("when.optional")}
          description={t("when.optionalHelp")}
          checked={node["optional"] === true}
          disabled={readOnly}
          onChange={(event) => set("optional", event.currentTarget.checked ? true : undefined)}
        />
        <ExpressionField
          label={t("when.runWhen")}
          description={t("when.runWhenHelp")}
          language="expression"
          value={asText(node["run_when"])}
          scope={scopes.plain}
          readOnly={readOnly}
          error={told(problems, "run_when")}
          onChange={(text) => set("run_when", given(text))}
        />
      </Section>
      <FailureOptions {...part} />
      <DeadlineOptions {...part} scope={scopes.item} isMap={isMap} />
      <Section title={t("running.title")}>
        {isPlugin && <PluginRun {...part} scope={scopes.item} />}
        <ConcurrencyOption {...part} scope={scopes.item} />
        {isPlugin && (
          <TagsInput
            label={t("running.secretOutputs")}
            description={t("running.secretOutputsHelp")}
            size="xs"
            data={outputsOf(node, known).map((one) => one.name)}
            value={asList(node["secret_outputs"]).map(String)}
            readOnly={readOnly}
            onChange={(names) => set("secret_outputs", names.length > 0 ? names : undefined)}
          />
        )}
      </Section>
      <RollbackOptions {...part} scope={scopes.after} />
    </Stack>
  );
}

interface ScopedProps extends PartProps {
  readonly scope: Scope;
}

const PRIORITIES = Array.from({ length: 10 }, (_, priority) => String(priority));

/** What only holds where a plugin is run: a subflow's own nodes say it for themselves. */
function PluginRun({ node, problems, readOnly, onChange, scope }: ScopedProps) {
  const { t } = useTranslation("panel");
  const set = (key: string, value: Json | undefined) => onChange(withKey(node, key, value));
  return (
    <>
      <Group grow align="flex-start">
        <TextInput
          label={t("running.timeout")}
          description={t("running.timeoutHelp")}
          value={asText(node["timeout"])}
          placeholder="60s"
          readOnly={readOnly}
          error={told(problems, "timeout")}
          onChange={(event) => set("timeout", duration(event.currentTarget.value))}
        />
        <TextInput
          label={t("running.queue")}
          description={t("running.queueHelp")}
          value={asText(node["queue"])}
          placeholder="default"
          readOnly={readOnly}
          error={told(problems, "queue")}
          onChange={(event) => set("queue", given(event.currentTarget.value.trim()))}
        />
      </Group>
      <Select
        label={t("running.priority")}
        data={PRIORITIES}
        value={typeof node["priority"] === "number" ? String(node["priority"]) : null}
        placeholder={t("running.priorityOfInstance")}
        clearable
        readOnly={readOnly}
        error={told(problems, "priority")}
        onChange={(value) => set("priority", value === null ? undefined : Number(value))}
      />
      <ExpressionField
        label={t("running.runAs")}
        description={t("running.runAsHelp")}
        value={asText(node["run_as"])}
        scope={scope}
        readOnly={readOnly}
        error={told(problems, "run_as")}
        onChange={(text) => set("run_as", given(text))}
      />
    </>
  );
}

function ConcurrencyOption({ node, problems, readOnly, onChange, scope }: ScopedProps) {
  const { t } = useTranslation("panel");
  const isOn = isObject(node["concurrency"]);
  const concurrency = asObject(node["concurrency"]);
  const set = (key: string, value: Json) =>
    onChange({ ...node, concurrency: { ...concurrency, [key]: value } });
  return (
    <>
      <Checkbox
        label={t("running.concurrency")}
        description={t("running.concurrencyHelp")}
        checked={isOn}
        disabled={readOnly}
        onChange={(event) =>
          onChange(
            withKey(
              node,
              "concurrency",
              event.currentTarget.checked ? { limit: 1, key: asText(node["id"]) } : undefined,
            ),
          )
        }
      />
      {isOn && (
        <>
          <NumberInput
            label={t("running.limit")}
            size="xs"
            min={1}
            value={typeof concurrency["limit"] === "number" ? concurrency["limit"] : ""}
            readOnly={readOnly}
            error={told(problems, "concurrency", "limit")}
            onChange={(value) => typeof value === "number" && set("limit", value)}
          />
          <ExpressionField
            label={t("running.key")}
            value={asText(concurrency["key"])}
            scope={scope}
            readOnly={readOnly}
            error={told(problems, "concurrency", "key")}
            onChange={(text) => set("key", text)}
          />
        </>
      )}
    </>
  );
}
