import { Checkbox, MultiSelect, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaPluginView } from "@/api/schema";
import { FieldFrame } from "@/shared/forms/FieldFrame";
import { LooseField, PairsField } from "@/shared/forms/looseFields";
import { versionQuery } from "@/shared/forms/queries";
import { SchemaForm } from "@/shared/forms/SchemaForm";
import { VERBATIM } from "@/shared/forms/schemaKinds";
import type { Knowledge } from "@/shared/forms/scope";
import { outputsOf } from "@/shared/forms/scope";
import type { JsonObject, Schema, Scope } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { pluginsQuery, referenceOf, subflowsQuery } from "./api";
import { asList, asObject, asText, below, given, running, told, withKey } from "./edits";
import type { PartProps } from "./parts";
import { Section } from "./parts";
import type { Place } from "./types";

interface Props extends PartProps {
  readonly place: Place;
  readonly scope: Scope;
  readonly known: Knowledge;
  readonly plugin: SchemaPluginView | undefined;
}

/** What a node runs, with what, how often, and what it leaves behind. */
export function InputsPart(props: Props) {
  const { node, scope, known, problems, readOnly, onChange } = props;
  const { t } = useTranslation("panel");
  const outputs = outputsOf(node, known).map((one) => one.name);
  return (
    <Stack gap="lg">
      {"plugin" in node ? <PluginInputs {...props} /> : <SubflowInputs {...props} />}
      <Section title={t("map.title")}>
        <MapPart {...{ node, problems, readOnly, onChange, scope }} />
      </Section>
      <Section title={t("export.title")}>
        <FieldFrame
          id="export"
          label={t("export.label")}
          description={t("export.help", { outputs: outputs.join(", ") || "–" })}
          error={told(problems, "export")}
          isGroup
        >
          <PairsField
            label={t("export.label")}
            value={isObject(node["export"]) ? node["export"] : undefined}
            scope={null}
            isText
            readOnly={readOnly}
            onChange={(value) => onChange(withKey(node, "export", value))}
          />
        </FieldFrame>
      </Section>
    </Stack>
  );
}

function PluginInputs({ node, plugin, scope, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const plugins = useQuery(pluginsQuery()).data ?? [];
  const reference = asText(node["plugin"]);
  const known = plugins.map(referenceOf);
  const named = node["render"];
  const rendered = useMemo(() => asList(named).map(String), [named]);
  const schema = useMemo(
    () =>
      plugin === undefined ? undefined : withRendered(plugin.inputs_schema as Schema, rendered),
    [plugin, rendered],
  );
  const choose = (chosen: string) => {
    const after = plugins.find((one) => referenceOf(one) === chosen)?.title;
    onChange(running(node, "plugin", chosen, { before: plugin?.title, after }));
  };
  const verbatim = plugin === undefined ? [] : verbatimOf(plugin.inputs_schema as Schema);
  return (
    <Section title={t("inputs")}>
      <Select
        label={t("plugin")}
        data={known.includes(reference) ? known : [reference, ...known]}
        value={reference}
        searchable
        allowDeselect={false}
        readOnly={readOnly}
        error={told(problems, "plugin")}
        onChange={(value) => value !== null && choose(value)}
      />
      {schema === undefined ? (
        <AnyInputs {...{ node, scope, readOnly, onChange }} />
      ) : (
        <SchemaForm
          key={reference}
          id={`inputs-${asText(node["id"])}`}
          schema={schema}
          values={asObject(node["inputs"])}
          scope={scope}
          readOnly={readOnly}
          problems={below(problems, "inputs")}
          onChange={(inputs) => onChange(withKey(node, "inputs", orNone(inputs)))}
        />
      )}
      {verbatim.length > 0 && (
        <MultiSelect
          label={t("render.label")}
          description={t("render.help")}
          size="xs"
          data={verbatim}
          value={rendered}
          readOnly={readOnly}
          onChange={(names) =>
            onChange(withKey(node, "render", names.length > 0 ? names : undefined))
          }
        />
      )}
    </Section>
  );
}

function AnyInputs({
  node,
  scope,
  readOnly,
  onChange,
}: Pick<Props, "node" | "scope" | "readOnly" | "onChange">) {
  const { t } = useTranslation("panel");
  return (
    <PairsField
      label={t("inputs")}
      value={isObject(node["inputs"]) ? node["inputs"] : undefined}
      scope={scope}
      readOnly={readOnly}
      onChange={(value) => onChange(withKey(node, "inputs", value))}
    />
  );
}

function orNone(inputs: JsonObject): JsonObject | undefined {
  return Object.keys(inputs).length === 0 ? undefined : inputs;
}

function verbatimOf(schema: Schema): string[] {
  return Object.entries(asObject(schema["properties"])).flatMap(([name, one]) =>
    isObject(one) && one[VERBATIM] === true ? [name] : [],
  );
}

/** Return a schema in which some verbatim inputs are rendered like others. */
function withRendered(schema: Schema, rendered: readonly string[]): Schema {
  const properties = Object.entries(asObject(schema["properties"])).map(([name, one]) => [
    name,
    rendered.includes(name) ? withKey(asObject(one), VERBATIM, undefined) : one,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as JsonObject };
}

/** What a template asks for decides what a subflow is given. */
function SubflowInputs({ node, place, scope, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const templates = useQuery(subflowsQuery(place.project)).data ?? [];
  const reference = asText(node["subflow"]);
  const [key = "", version = ""] = reference.split("@");
  const found = templates.find((one) => one.value === key);
  const pinned = /^\d+$/.test(version) ? Number(version) : found?.version;
  const content = useQuery({
    ...versionQuery(place.project, found?.path ?? key, pinned ?? 1),
    enabled: found !== undefined,
  }).data;
  const schemes = Object.keys(asObject(content?.document["schemes"] as JsonObject | undefined));
  const chosen = asList(node["schemes"]).map(String);
  const inputs = asObject(node["inputs"]);
  const asked = content?.form.filter((field) => field.show) ?? [];
  const others = Object.keys(inputs).filter((name) => !asked.some((field) => field.name === name));
  const choose = (chosen: string) => {
    const after = templates.find((one) => one.value === chosen)?.label;
    onChange(running(node, "subflow", chosen, { before: found?.label, after }));
  };
  const setInput = (name: string, value: JsonObject[string] | undefined) =>
    onChange(withKey(node, "inputs", orNone(withKey(inputs, name, value))));
  return (
    <Section title={t("inputs")}>
      <Select
        label={t("subflow.template")}
        data={[
          ...(found === undefined && key !== "" ? [{ value: key, label: key }] : []),
          ...templates.map(({ value, label }) => ({ value, label })),
        ]}
        value={key === "" ? null : key}
        searchable
        allowDeselect={false}
        readOnly={readOnly}
        error={told(problems, "subflow")}
        onChange={(value) => value !== null && choose(value)}
      />
      <TextInput
        label={t("subflow.version")}
        description={t("subflow.versionHelp")}
        value={version}
        placeholder={found === undefined ? "" : String(found.version)}
        readOnly={readOnly}
        onChange={(event) => {
          const at = event.currentTarget.value.trim();
          onChange({ ...node, subflow: at === "" ? key : `${key}@${at}` });
        }}
      />
      <Select
        label={t("subflow.mode")}
        data={[
          { value: "independent", label: t("subflow.independent") },
          { value: "inline", label: t("subflow.inline") },
        ]}
        value={asText(node["mode"]) || "independent"}
        allowDeselect={false}
        readOnly={readOnly}
        error={told(problems, "mode")}
        onChange={(mode) => onChange(withKey(node, "mode", mode === "inline" ? mode : undefined))}
      />
      {(schemes.length > 0 || chosen.length > 0) && (
        <MultiSelect
          label={t("subflow.schemes")}
          size="xs"
          data={[...new Set([...schemes, ...chosen])]}
          value={chosen}
          readOnly={readOnly}
          error={told(problems, "schemes")}
          onChange={(names) =>
            onChange(withKey(node, "schemes", names.length > 0 ? names : undefined))
          }
        />
      )}
      {asked.map((field) => (
        <FieldFrame
          key={field.name}
          id={`sub-${field.name}`}
          label={field.label}
          description={field.help}
          required={field.required}
          error={told(problems, "inputs", field.name)}
          isGroup
        >
          <LooseField
            label={field.label}
            value={inputs[field.name]}
            scope={scope}
            oneLine={!["table", "json", "textarea", "hosts", "users"].includes(field.widget)}
            readOnly={readOnly}
            placeholder={field.default === null ? field.placeholder : JSON.stringify(field.default)}
            onChange={(value) => setInput(field.name, value)}
          />
        </FieldFrame>
      ))}
      {content === undefined ? (
        <AnyInputs {...{ node, scope, readOnly, onChange }} />
      ) : (
        others.map((name) => (
          <FieldFrame
            key={name}
            id={`sub-${name}`}
            label={name}
            error={told(problems, "inputs", name) ?? t("subflow.notAsked")}
            isGroup
            onRemove={readOnly ? undefined : () => setInput(name, undefined)}
          >
            <LooseField
              label={name}
              value={inputs[name]}
              scope={scope}
              oneLine
              readOnly={readOnly}
              onChange={(value) => setInput(name, value)}
            />
          </FieldFrame>
        ))
      )}
    </Section>
  );
}

function MapPart({
  node,
  problems,
  readOnly,
  onChange,
  scope,
}: PartProps & { readonly scope: Scope }) {
  const { t } = useTranslation("panel");
  const map = isObject(node["map"]) ? node["map"] : null;
  const set = (key: string, value: JsonObject[string] | undefined) =>
    onChange({ ...node, map: withKey(map ?? {}, key, value) });
  return (
    <>
      <Checkbox
        label={t("map.on")}
        description={t("map.help")}
        checked={map !== null}
        disabled={readOnly}
        onChange={(event) =>
          onChange(withKey(node, "map", event.currentTarget.checked ? { items: "${}" } : undefined))
        }
      />
      {map !== null && (
        <>
          <FieldFrame
            id="map-items"
            label={t("map.items")}
            description={t("map.itemsHelp")}
            required
            isGroup
            error={told(problems, "map", "items")}
          >
            <LooseField
              label={t("map.items")}
              value={map["items"]}
              scope={scope}
              oneLine={!Array.isArray(map["items"])}
              readOnly={readOnly}
              onChange={(value) => set("items", value ?? "")}
            />
          </FieldFrame>
          <NumberInput
            label={t("map.concurrency")}
            size="xs"
            min={1}
            placeholder="20"
            value={typeof map["concurrency"] === "number" ? map["concurrency"] : ""}
            readOnly={readOnly}
            error={told(problems, "map", "concurrency")}
            onChange={(value) => set("concurrency", typeof value === "number" ? value : undefined)}
          />
          <TextInput
            label={t("map.tolerate")}
            description={t("map.tolerateHelp")}
            value={asText(map["tolerate"])}
            placeholder="0"
            readOnly={readOnly}
            error={told(problems, "map", "tolerate")}
            onChange={(event) => {
              const text = event.currentTarget.value;
              set("tolerate", /^\d+$/.test(text) ? Number(text) : given(text));
            }}
          />
        </>
      )}
    </>
  );
}
