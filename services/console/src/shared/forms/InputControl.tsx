import {
  Checkbox,
  Group,
  Input,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { givenText, localTime, momentOf, offsetOf, secretOf, shownValue } from "./inputValues";
import { LooseField } from "./looseFields";
import { TableControl } from "./TableControl";
import type { FieldProblem, InputField, Json, JsonObject } from "./types";
import { isSame } from "./yaml";

export interface ControlProps {
  readonly field: InputField;
  readonly values: JsonObject;
  readonly secrets: readonly string[];
  readonly readOnly: boolean;
  /** Places within the value. */
  readonly problems: readonly FieldProblem[];
  readonly onChange: (value: Json | undefined) => void;
  /** In a table, what it is called is said once, above. */
  readonly isCell?: boolean;
  /** What it is called for those who do not see the table. */
  readonly label?: string;
}

/** One input, asked for as its type says. */
export function InputControl(props: ControlProps) {
  const { field, values, readOnly, problems, onChange, isCell = false } = props;
  const value = shownValue(field, values);
  const own = problems.filter((one) => field.type !== "table" || one.path.length === 0);
  const said = {
    ...(isCell
      ? { "aria-label": props.label ?? field.label }
      : {
          label: field.label,
          description: field.help === "" ? undefined : field.help,
          required: field.required,
        }),
    error: own.length === 0 ? undefined : own.map((one) => one.message).join(" "),
    size: "xs" as const,
  };
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  const plain = { ...said, placeholder: field.placeholder, readOnly };
  const give = (next: string) => onChange(givenText(field, next));
  switch (field.widget) {
    case "select":
      return <ChoiceControl {...props} said={plain} value={value} />;
    case "multi_select":
      return <ChoicesControl {...props} said={plain} value={value} />;
    case "textarea":
      return (
        <Textarea
          {...plain}
          autosize
          minRows={isCell ? 1 : 3}
          maxRows={20}
          value={text}
          onChange={(event) => give(event.currentTarget.value)}
        />
      );
    case "number":
      return <NumericControl {...props} said={plain} value={value} />;
    case "switch":
      return <YesNoControl {...props} said={said} value={value} />;
    case "date":
    case "time":
      return (
        <TextInput
          {...plain}
          type={field.widget}
          step={field.widget === "time" ? 1 : undefined}
          maw={isCell ? undefined : 220}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    case "datetime":
      return <MomentControl {...props} said={plain} value={value} />;
    case "secret":
      return <SecretControl {...props} said={plain} value={value} />;
    case "table":
      return <TableControl {...props} value={value} error={said.error} />;
    case "hosts":
    case "users":
      return <NamesControl {...props} said={plain} value={value} />;
    case "json":
      return <JsonControl {...props} value={value} error={said.error} />;
    default:
      return (
        <TextInput {...plain} value={text} onChange={(event) => give(event.currentTarget.value)} />
      );
  }
}

interface Said {
  readonly label?: string;
  readonly description?: string | undefined;
  readonly required?: boolean;
  readonly error: string | undefined;
  readonly size: "xs";
  readonly placeholder?: string;
  readonly readOnly?: boolean;
}

type PartProps = ControlProps & { readonly said: Said; readonly value: Json | undefined };

function optionsOf(field: InputField) {
  return field.options.map((one, at) => ({ value: String(at), label: one.label }));
}

function indexOf(field: InputField, value: Json | undefined): string | null {
  const at = field.options.findIndex((one) => isSame(one.value, value));
  return at === -1 ? null : String(at);
}

function ChoiceControl({ field, said, value, onChange }: PartProps) {
  return (
    <Select
      {...said}
      data={optionsOf(field)}
      value={indexOf(field, value)}
      searchable={field.options.length > 8}
      clearable={!field.required}
      onChange={(at) =>
        onChange(at === null ? undefined : (field.options[Number(at)]?.value as Json))
      }
    />
  );
}

function ChoicesControl({ field, said, value, onChange }: PartProps) {
  const chosen = Array.isArray(value) ? (value as readonly Json[]) : [];
  const { placeholder, ...others } = said;
  return (
    <MultiSelect
      {...others}
      {...(chosen.length === 0 && { placeholder: placeholder ?? "" })}
      data={optionsOf(field)}
      value={chosen.map((one) => indexOf(field, one)).filter((at) => at !== null)}
      searchable={field.options.length > 8}
      clearable
      onChange={(all) => onChange(all.map((at) => field.options[Number(at)]?.value as Json))}
    />
  );
}

function NumericControl({ field, said, value, onChange }: PartProps) {
  const { minimum, maximum } = field.validation;
  return (
    <NumberInput
      {...said}
      value={typeof value === "number" ? value : ""}
      allowDecimal={field.type !== "integer"}
      thousandSeparator=""
      clampBehavior="none"
      maw={220}
      {...(minimum !== null && { min: minimum })}
      {...(maximum !== null && { max: maximum })}
      onChange={(next) => {
        const number = typeof next === "number" ? next : Number.parseFloat(next);
        onChange(Number.isFinite(number) ? number : undefined);
      }}
    />
  );
}

/** Where neither is the default and one is needed, both are offered: an empty box says nothing. */
function YesNoControl({ field, said, value, onChange, readOnly, isCell }: PartProps) {
  const { t } = useTranslation("forms");
  const { label, required, description, error } = said;
  const isOpen = isCell !== true && field.required && typeof field.default !== "boolean";
  if (!isOpen) {
    return (
      <Checkbox
        {...(isCell === true ? { "aria-label": label ?? field.label } : { label })}
        description={description}
        error={error}
        checked={value === true}
        disabled={readOnly}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <Radio.Group
      {...{ label, description, error }}
      required={required === true}
      size="xs"
      value={typeof value === "boolean" ? String(value) : null}
      onChange={(chosen) => onChange(chosen === "true")}
    >
      <Group gap="lg" mt={6}>
        <Radio value="true" label={t("yes")} size="xs" disabled={readOnly} />
        <Radio value="false" label={t("no")} size="xs" disabled={readOnly} />
      </Group>
    </Radio.Group>
  );
}

function MomentControl({ said, value, onChange, isCell }: PartProps) {
  const local = localTime(value);
  const offset = offsetOf(-(local === "" ? new Date() : new Date(local)).getTimezoneOffset());
  return (
    <TextInput
      {...said}
      type="datetime-local"
      step={1}
      value={local}
      maw={isCell === true ? undefined : 300}
      rightSection={<span className="faint numbers">{offset}</span>}
      rightSectionWidth={58}
      rightSectionPointerEvents="none"
      onChange={(event) => onChange(momentOf(event.currentTarget.value))}
    />
  );
}

/** The name of a secret: what it holds is never seen here. */
function SecretControl({ said, value, secrets, onChange }: PartProps) {
  const { t } = useTranslation("forms");
  const name = secretOf(value);
  const known = name === null || secrets.includes(name) ? secrets : [...secrets, name];
  return (
    <Select
      {...said}
      placeholder={said.placeholder === "" ? t("secret") : (said.placeholder ?? "")}
      data={[...known]}
      value={name}
      searchable
      clearable
      nothingFoundMessage={t("noSecrets")}
      maw={360}
      onChange={(secret) => onChange(secret === null ? undefined : { secret })}
    />
  );
}

function NamesControl({ said, value, onChange }: PartProps) {
  const { t } = useTranslation("forms");
  const names = Array.isArray(value) ? (value as readonly Json[]).map(String) : [];
  const { placeholder, ...others } = said;
  return (
    <TagsInput
      {...others}
      placeholder={names.length > 0 ? "" : (placeholder ?? "") || t("names")}
      splitChars={[",", ";", " ", "\n", "\t"]}
      acceptValueOnBlur
      value={names}
      onChange={(all) => {
        // Written in one go, several names are one text until they are told apart.
        const found = all.flatMap((one) => one.split(/[\s,;]+/)).filter((one) => one !== "");
        onChange(found.length === 0 ? undefined : [...new Set(found)]);
      }}
    />
  );
}

function JsonControl(
  props: ControlProps & { readonly value: Json | undefined; readonly error: string | undefined },
) {
  const { field, value, onChange, readOnly, error } = props;
  const id = useId();
  return (
    <Input.Wrapper
      label={field.label}
      labelElement="div"
      description={field.help === "" ? undefined : field.help}
      required={field.required}
      error={error}
      errorProps={{ id: `${id}-error` }}
      size="xs"
    >
      <LooseField
        label={field.label}
        value={value}
        onChange={onChange}
        scope={null}
        readOnly={readOnly}
        isInvalid={error !== undefined}
        placeholder={field.placeholder}
        {...(error !== undefined && { describedBy: `${id}-error` })}
      />
    </Input.Wrapper>
  );
}
