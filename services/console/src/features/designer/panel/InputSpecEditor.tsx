import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ExpressionField } from "@/shared/forms/ExpressionField";
import { FieldFrame } from "@/shared/forms/FieldFrame";
import { readLoose, showLoose } from "@/shared/forms/loose";
import { LooseField } from "@/shared/forms/looseFields";
import type { FieldProblem, Json, JsonObject, Scope } from "@/shared/forms/types";
import { RowActions } from "@/shared/RowActions";
import { asList, asObject, asText, below, given, told, withKey } from "./edits";
import { InputsEditor } from "./InputsEditor";
import type { InputType } from "./inputSpecs";
import {
  COLUMN_TYPES,
  INPUT_TYPES,
  optionOf,
  rulesOf,
  withType,
  writtenOption,
} from "./inputSpecs";
import { Faults } from "./parts";

interface Props {
  readonly name: string;
  readonly spec: JsonObject;
  readonly problems: readonly FieldProblem[];
  readonly readOnly: boolean;
  readonly scope: Scope;
  readonly isColumn: boolean;
  readonly error: string | undefined;
  readonly onChange: (spec: JsonObject) => void;
}

/** One input of a definition: its type, what people read, and what a value has to be. */
export function InputSpecEditor(props: Props) {
  const { name, spec, problems, readOnly, scope, isColumn, error, onChange } = props;
  const { t } = useTranslation("panel");
  const type = asText(spec["type"]) || "string";
  const rules = rulesOf(type);
  const set = (key: string, value: Json | undefined) => onChange(withKey(spec, key, value));
  const types = isColumn ? COLUMN_TYPES : INPUT_TYPES;
  const isRequired = spec["required"] ?? spec["default"] === undefined;
  return (
    <Stack gap="sm">
      {error !== undefined && <Faults messages={[error]} />}
      <Select
        label={t("input.type")}
        data={types.map((value) => ({ value, label: t(`type.${value}`) }))}
        value={type}
        allowDeselect={false}
        readOnly={readOnly}
        error={told(problems, "type")}
        onChange={(value) => value !== null && onChange(withType(spec, value as InputType))}
      />
      <Words {...props} />
      {rules.hasOptions && <Options {...props} />}
      {rules.hasColumns && (
        <FieldFrame id={`columns-${name}`} label={t("input.columns")} isGroup>
          <InputsEditor
            isColumns
            inputs={asObject(spec["columns"])}
            problems={below(problems, "columns")}
            readOnly={readOnly}
            scope={scope}
            onChange={(columns) => set("columns", columns)}
          />
        </FieldFrame>
      )}
      {rules.hasDefault && (
        <FieldFrame
          id={`default-${name}`}
          label={t("input.default")}
          error={told(problems, "default")}
          isGroup
        >
          <LooseField
            label={t("input.default")}
            value={spec["default"]}
            scope={null}
            oneLine={!["table", "list", "object", "json", "text"].includes(type)}
            readOnly={readOnly}
            takes={(value) => isOf(type, value)}
            onChange={(value) => set("default", value)}
          />
        </FieldFrame>
      )}
      <Checkbox
        label={t("input.required")}
        checked={isRequired === true}
        disabled={readOnly}
        onChange={(event) => {
          const isOn = event.currentTarget.checked;
          set("required", isOn === (spec["default"] === undefined) ? undefined : isOn);
        }}
      />
      <Rules {...props} />
      {!isColumn && <Visibility {...props} />}
    </Stack>
  );
}

/** Tell whether a value that was typed in can be one of a type; what cannot is text. */
function isOf(type: string, value: Json): boolean {
  if (["string", "text", "date", "time", "datetime"].includes(type))
    return typeof value === "string";
  return true;
}

function Words({ spec, readOnly, isColumn, onChange }: Props) {
  const { t } = useTranslation("panel");
  const set = (key: string, text: string) => onChange(withKey(spec, key, given(text)));
  return (
    <>
      <TextInput
        label={t("input.label")}
        value={asText(spec["label"])}
        readOnly={readOnly}
        onChange={(event) => set("label", event.currentTarget.value)}
      />
      <Textarea
        label={t("input.description")}
        size="xs"
        autosize
        minRows={1}
        value={asText(spec["description"])}
        readOnly={readOnly}
        onChange={(event) => set("description", event.currentTarget.value)}
      />
      <Group grow>
        <TextInput
          label={t("input.placeholder")}
          value={asText(spec["placeholder"])}
          readOnly={readOnly}
          onChange={(event) => set("placeholder", event.currentTarget.value)}
        />
        {!isColumn && (
          <TextInput
            label={t("input.group")}
            value={asText(spec["group"])}
            readOnly={readOnly}
            onChange={(event) => set("group", event.currentTarget.value)}
          />
        )}
      </Group>
    </>
  );
}

function Options({ spec, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const options = asList(spec["options"]).map(optionOf);
  const change = (next: typeof options) => onChange({ ...spec, options: next.map(writtenOption) });
  return (
    <FieldFrame id="options" label={t("input.options")} error={told(problems, "options")} isGroup>
      <Stack gap={6}>
        {options.map((option, at) => (
          <Group key={at} gap={4} wrap="nowrap">
            <TextInput
              flex={1}
              aria-label={t("input.optionValue", { number: at + 1 })}
              placeholder={t("input.value")}
              value={showLoose(option.value)}
              readOnly={readOnly}
              onChange={(event) => {
                const text = event.currentTarget.value;
                const value = readLoose(text);
                const plain = typeof value === "object" || value === undefined ? text : value;
                change(
                  options.map((one, index) => (index === at ? { ...one, value: plain } : one)),
                );
              }}
            />
            <TextInput
              flex={1}
              aria-label={t("input.optionLabel", { number: at + 1 })}
              placeholder={t("input.label")}
              value={option.label}
              readOnly={readOnly}
              onChange={(event) => {
                const label = event.currentTarget.value;
                change(options.map((one, index) => (index === at ? { ...one, label } : one)));
              }}
            />
            {!readOnly && (
              <RowActions
                remove={{
                  label: t("input.removeOption", { number: at + 1 }),
                  act: () => change(options.filter((_, index) => index !== at)),
                }}
              />
            )}
          </Group>
        ))}
        {!readOnly && (
          <Button
            variant="default"
            size="compact-xs"
            w="max-content"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => change([...options, { value: "", label: "" }])}
          >
            {t("input.addOption")}
          </Button>
        )}
      </Stack>
    </FieldFrame>
  );
}

function Rules({ spec, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const rules = rulesOf(asText(spec["type"]) || "string");
  const set = (key: string, value: Json | undefined) => onChange(withKey(spec, key, value));
  const bound = (
    key: "minimum" | "maximum" | "min_length" | "max_length" | "min_items" | "max_items",
  ) => (
    <NumberInput
      label={t(`input.${key}`)}
      size="xs"
      value={typeof spec[key] === "number" ? spec[key] : ""}
      readOnly={readOnly}
      error={told(problems, key)}
      onChange={(value) => set(key, typeof value === "number" ? value : undefined)}
    />
  );
  return (
    <>
      {rules.hasPattern && (
        <>
          <Group grow align="flex-start">
            <TextInput
              label={t("input.pattern")}
              value={asText(spec["pattern"])}
              readOnly={readOnly}
              error={told(problems, "pattern")}
              onChange={(event) => set("pattern", given(event.currentTarget.value))}
            />
            <TextInput
              label={t("input.pattern_message")}
              value={asText(spec["pattern_message"])}
              readOnly={readOnly}
              onChange={(event) => set("pattern_message", given(event.currentTarget.value))}
            />
          </Group>
          <Group grow>
            {bound("min_length")}
            {bound("max_length")}
          </Group>
        </>
      )}
      {rules.hasRange && (
        <Group grow>
          {bound("minimum")}
          {bound("maximum")}
        </Group>
      )}
      {rules.hasItems && (
        <Group grow>
          {bound("min_items")}
          {bound("max_items")}
        </Group>
      )}
      {rules.hasChoices && (
        <TagsInput
          label={t("input.choices")}
          description={t("input.choicesHelp")}
          size="xs"
          value={asList(spec["choices"]).map((one) => showLoose(one))}
          readOnly={readOnly}
          error={told(problems, "choices")}
          onChange={(texts) =>
            set(
              "choices",
              texts.length > 0 ? texts.map((text) => readLoose(text) ?? text) : undefined,
            )
          }
        />
      )}
    </>
  );
}

function Visibility({ spec, problems, readOnly, scope, onChange }: Props) {
  const { t } = useTranslation("panel");
  const set = (key: string, value: Json | undefined) => onChange(withKey(spec, key, value));
  return (
    <>
      <ExpressionField
        label={t("input.visibleWhen")}
        description={t("input.visibleWhenHelp")}
        language="expression"
        value={asText(spec["visible_when"])}
        scope={scope}
        readOnly={readOnly}
        error={told(problems, "visible_when")}
        onChange={(text) => set("visible_when", given(text))}
      />
      <Checkbox
        label={t("input.show")}
        checked={spec["show"] !== false}
        disabled={readOnly}
        error={told(problems, "show")}
        onChange={(event) => set("show", event.currentTarget.checked ? undefined : false)}
      />
    </>
  );
}
