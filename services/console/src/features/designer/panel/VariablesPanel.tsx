import { Select, Stack, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PairsField } from "@/shared/forms/looseFields";
import type { PlaceIn } from "@/shared/forms/scope";
import { scopeAt } from "@/shared/forms/scope";
import type { Json, JsonObject } from "@/shared/forms/types";
import { problemsBelow } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { useKnowledge } from "./api";
import { asObject, asText, given, isVariableName, told, withKey } from "./edits";
import { InputsEditor } from "./InputsEditor";
import { Faults } from "./parts";
import { SchemesEditor } from "./SchemesEditor";
import type { VariablesPanelProps } from "./types";

const VARIABLES = ["constants", "computed", "lazy", "outputs"] as const;

/** What holds for the flow as a whole: what it asks for, its variables, what it yields. */
export function VariablesPanel(props: VariablesPanelProps) {
  const { place, definition, faults, readOnly = false, onChange } = props;
  const { t } = useTranslation("panel");
  const known = useKnowledge(place.project);
  const problems = useMemo(() => problemsBelow(faults, "body"), [faults]);
  const scope = useMemo(() => scopeAt(definition, "visible_when", known), [definition, known]);
  const set = (key: string, value: Json | undefined) => onChange(withKey(definition, key, value));
  const setMap = (key: string, value: JsonObject | undefined) =>
    set(key, value === undefined || Object.keys(value).length === 0 ? undefined : value);
  const count = (key: string) => Object.keys(asObject(definition[key])).length;
  const tab = (key: "inputs" | "variables" | "schemes" | "flow", number: number) => (
    <Tabs.Tab value={key}>
      {t(`tab.${key}`)}
      {number > 0 && <span className="faint numbers">{` ${number}`}</span>}
    </Tabs.Tab>
  );
  return (
    <Stack gap="sm" p="sm">
      <Tabs defaultValue="inputs" keepMounted={false}>
        <Tabs.List>
          {tab("inputs", count("inputs"))}
          {tab("variables", count("constants") + count("computed") + count("lazy"))}
          {tab("schemes", count("schemes"))}
          {tab("flow", 0)}
        </Tabs.List>
        <Tabs.Panel value="inputs" pt="sm">
          <InputsEditor
            inputs={asObject(definition["inputs"])}
            problems={problemsBelow(faults, "body", "inputs")}
            readOnly={readOnly}
            scope={scope}
            onChange={(inputs) => setMap("inputs", inputs)}
          />
        </Tabs.Panel>
        <Tabs.Panel value="variables" pt="sm">
          <Stack gap="lg">
            {VARIABLES.map((key) => (
              <Variables key={key} {...props} name={key} onMap={(value) => setMap(key, value)} />
            ))}
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="schemes" pt="sm">
          <SchemesEditor
            definition={definition}
            problems={problemsBelow(faults, "body", "schemes")}
            readOnly={readOnly}
            onChange={(schemes) => setMap("schemes", schemes)}
          />
        </Tabs.Panel>
        <Tabs.Panel value="flow" pt="sm">
          <Stack gap="sm">
            <TextInput
              label={t("flow.title")}
              value={asText(definition["title"])}
              readOnly={readOnly}
              error={told(problems, "title")}
              onChange={(event) => set("title", given(event.currentTarget.value))}
            />
            <Textarea
              label={t("flow.description")}
              size="xs"
              autosize
              minRows={3}
              value={asText(definition["description"])}
              readOnly={readOnly}
              onChange={(event) => set("description", given(event.currentTarget.value))}
            />
            <Select
              label={t("flow.onFailure")}
              data={[
                { value: "stop", label: t("flow.stop") },
                { value: "rollback", label: t("flow.rollback") },
              ]}
              value={asText(definition["on_failure"]) || "stop"}
              allowDeselect={false}
              readOnly={readOnly}
              error={told(problems, "on_failure")}
              onChange={(value) => set("on_failure", value === "rollback" ? value : undefined)}
            />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const PLACES: Record<(typeof VARIABLES)[number], PlaceIn | null> = {
  constants: null,
  computed: "computed",
  lazy: "lazy",
  outputs: "outputs",
};

function Variables({
  place,
  definition,
  faults,
  readOnly = false,
  name,
  onMap,
}: VariablesPanelProps & {
  readonly name: (typeof VARIABLES)[number];
  readonly onMap: (value: JsonObject | undefined) => void;
}) {
  const { t } = useTranslation("panel");
  const known = useKnowledge(place.project);
  const where = PLACES[name];
  const scope = useMemo(
    () => (where === null ? null : scopeAt(definition, where, known)),
    [definition, where, known],
  );
  const problems = problemsBelow(faults, "body", name);
  const value = isObject(definition[name]) ? definition[name] : undefined;
  const problemOf = (one: string) => {
    if (one !== "" && name !== "outputs" && !isVariableName(one)) return t("variable.invalid");
    return told(problems, one);
  };
  return (
    <Stack gap={6} component="section" aria-label={t(`variables.${name}`)}>
      <Text size="sm" fw={600}>
        {t(`variables.${name}`)}
      </Text>
      <Text size="xs" className="faint">
        {t(`variables.${name}Help`)}
      </Text>
      <PairsField
        label={t(`variables.${name}`)}
        value={value}
        scope={scope}
        readOnly={readOnly}
        problemOf={problemOf}
        onChange={onMap}
      />
      <Faults
        messages={problems.filter((one) => one.path.length === 0).map((one) => one.message)}
      />
    </Stack>
  );
}
