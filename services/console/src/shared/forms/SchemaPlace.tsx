import { Button, Select, Stack, Textarea } from "@mantine/core";
import getDefaultRegistry from "@rjsf/core/lib/getDefaultRegistry.js";
import type { FieldProps } from "@rjsf/utils";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeField } from "./CodeField";
import { FieldFrame } from "./FieldFrame";
import { isExpression } from "./loose";
import { LooseField, PairsField } from "./looseFields";
import { useFormFacts } from "./schemaContext";
import type { SchemaKind } from "./schemaKinds";
import { beginning, kindOf, optionOf, VERBATIM } from "./schemaKinds";
import { useProblem } from "./schemaWidgets";
import type { Json, JsonObject, Scope } from "./types";
import { isObject } from "./yaml";

const Default = getDefaultRegistry().fields["SchemaField"] as React.ComponentType<FieldProps>;

/** Kinds whose fields consist of others. */
const GROUPS: ReadonlySet<SchemaKind> = new Set(["object", "list", "union", "dictionary", "any"]);

/** One place of a form: a value as its schema asks for it, or an expression in its stead. */
export function SchemaPlace(props: FieldProps) {
  const { schema, fieldPathId, registry, uiSchema } = props;
  const found = registry.schemaUtils.retrieveSchema(schema, props.formData as never) as JsonObject;
  if (fieldPathId.path.length === 0) return <Default {...props} />;
  const kind = kindOf(found);
  if (kind === "constant") return null;
  const isInner = uiSchema?.["ui:inner"] === true;
  return isInner ? (
    <Inside {...props} found={found} kind={kind} />
  ) : (
    <Framed {...props} found={found} kind={kind} />
  );
}

interface PlaceProps extends FieldProps {
  readonly found: JsonObject;
  readonly kind: SchemaKind;
}

function Framed(props: PlaceProps) {
  const { kind, found, fieldPathId, required = false, onChange } = props;
  const { t } = useTranslation("forms");
  const { scope, readOnly } = useFormFacts();
  const { path, $id: id } = fieldPathId;
  const problem = useProblem(path);
  const label = labelOf(props);
  const value = props.formData as Json | undefined;
  const isItem = typeof path.at(-1) === "number";
  const name = isItem ? t("item", { number: Number(path.at(-1)) + 1 }) : label;
  // Emptied, an expression stays one until somebody says otherwise: its field is being written in.
  const [isChosen, setChosen] = useState(false);
  const isOpen = value === undefined || typeof value === "string";
  const isSwitched = kind !== "text" && (isExpression(value) || (isChosen && isOpen));
  const isOptionalGroup = !required && !isItem && GROUPS.has(kind) && kind !== "any";
  if (isOptionalGroup && value === undefined && kind !== "dictionary" && !isSwitched) {
    if (readOnly) return null;
    return <AddButton label={label} onAdd={() => onChange(beginning(found), path)} />;
  }
  const isBare = isItem && !GROUPS.has(kind);
  return (
    <FieldFrame
      id={id}
      label={name}
      description={textOf(props.schema.description) || textOf(found["description"])}
      error={problem}
      required={required}
      isBare={isBare || (kind === "boolean" && !isSwitched)}
      isGroup={GROUPS.has(kind) || kind === "text" || kind === "scalar" || isSwitched}
      isNested={GROUPS.has(kind) && kind !== "any" && !isSwitched}
      onRemove={
        isOptionalGroup && value !== undefined && !readOnly && kind !== "dictionary"
          ? () => onChange(undefined, path)
          : undefined
      }
      expression={
        scope === null || readOnly || kind === "text" || kind === "any" || kind === "scalar"
          ? undefined
          : {
              isOn: isSwitched,
              onSwitch: () => {
                setChosen(!isSwitched);
                onChange(isSwitched ? undefined : "${}", path);
              },
            }
      }
    >
      {isSwitched ? (
        <CodeField
          label={name}
          value={value ?? ""}
          language="template"
          oneLine
          {...(scope !== null && { scope })}
          readOnly={readOnly}
          isInvalid={problem !== undefined}
          onChange={(text) => {
            setChosen(true);
            onChange(text === "" ? undefined : text, path);
          }}
        />
      ) : (
        <Inside {...props} />
      )}
    </FieldFrame>
  );
}

function AddButton({ label, onAdd }: { readonly label: string; readonly onAdd: () => void }) {
  const { t } = useTranslation("forms");
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={<Plus size={14} aria-hidden />}
      onClick={onAdd}
    >
      {t("add", { label })}
    </Button>
  );
}

/** The field itself. */
function Inside(props: PlaceProps) {
  const { kind, found, fieldPathId, onChange } = props;
  const { path } = fieldPathId;
  const { scope, readOnly } = useFormFacts();
  const isInvalid = useProblem(path) !== undefined;
  const value = props.formData as Json | undefined;
  const label = labelOf(props);
  const change = (next: Json | undefined) => onChange(next, path);
  if (!fits(kind, value)) {
    return <LooseField {...{ label, value, scope, readOnly, isInvalid }} onChange={change} />;
  }
  switch (kind) {
    case "text":
      return <TextPlace {...{ props, label, scope, readOnly, isInvalid, change }} />;
    case "any":
      return <LooseField {...{ label, value, scope, readOnly, isInvalid }} onChange={change} />;
    case "scalar":
      return (
        <LooseField
          {...{ label, value, scope, readOnly, isInvalid }}
          oneLine
          placeholder={shown(found["default"])}
          takes={(one) => typeof one !== "object" && isOffered(found, one)}
          onChange={change}
        />
      );
    case "dictionary":
      return (
        <PairsField
          {...{ label, scope, readOnly }}
          value={value as JsonObject | undefined}
          isText={isTextual(found["additionalProperties"])}
          onChange={(next) => change(next)}
        />
      );
    case "union":
      return <Union {...props} />;
    case "object":
    case "list":
    case "choice":
    case "number":
    case "boolean":
    case "constant":
      return <Default {...props} />;
  }
}

interface TextProps {
  readonly props: PlaceProps;
  readonly label: string;
  readonly scope: Scope | null;
  readonly readOnly: boolean;
  readonly isInvalid: boolean;
  readonly change: (value: Json | undefined) => void;
}

function TextPlace({ props, label, scope, readOnly, isInvalid, change }: TextProps) {
  const { found, schema, fieldPathId } = props;
  const value = (props.formData ?? "") as string;
  const isVerbatim = found[VERBATIM] === true || (schema as JsonObject)[VERBATIM] === true;
  const placeholder =
    shown(found["default"]) || shown((found["examples"] as Json[] | undefined)?.[0]);
  const give = (text: string) => change(text === "" ? undefined : text);
  if (scope === null) {
    return (
      <Textarea
        id={fieldPathId.$id}
        aria-label={label}
        size="xs"
        autosize
        minRows={1}
        maxRows={16}
        value={value}
        placeholder={placeholder}
        readOnly={readOnly}
        error={isInvalid}
        onChange={(event) => give(event.currentTarget.value)}
      />
    );
  }
  return (
    <CodeField
      label={label}
      value={value}
      language={isVerbatim ? "text" : "template"}
      oneLine={!isVerbatim}
      scope={scope}
      readOnly={readOnly}
      isInvalid={isInvalid}
      placeholder={placeholder}
      onChange={give}
    />
  );
}

/** One of several ways to write a value, chosen by its title. */
function Union(props: PlaceProps) {
  const { found, fieldPathId, registry, onChange } = props;
  const { t } = useTranslation("forms");
  const { readOnly } = useFormFacts();
  const raw = (found["anyOf"] ?? found["oneOf"]) as readonly JsonObject[];
  const options = raw.map((one) => registry.schemaUtils.retrieveSchema(one as never) as JsonObject);
  const chosen = optionOf(props.formData as Json | undefined, options);
  const option = raw[chosen];
  const Field = registry.fields["SchemaField"] as React.ComponentType<FieldProps>;
  return (
    <Stack gap="xs">
      <Select
        aria-label={t("way", { label: labelOf(props) })}
        data={options.map((one, at) => ({
          value: String(at),
          label: textOf(one["title"]) || textOf(one["type"]) || String(at + 1),
        }))}
        value={chosen === -1 ? null : String(chosen)}
        allowDeselect={false}
        readOnly={readOnly}
        onChange={(at) => onChange(beginning(options[Number(at)] ?? {}), fieldPathId.path)}
      />
      {option !== undefined && (
        <Field {...props} key={chosen} schema={option} uiSchema={{ "ui:inner": true }} />
      )}
    </Stack>
  );
}

function labelOf({ schema, name, title }: FieldProps): string {
  return textOf(schema.title) || (title ?? name);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Tell whether a field of a kind can show a value; what does not fit is shown as it is written. */
function fits(kind: SchemaKind, value: Json | undefined): boolean {
  if (value === undefined) return true;
  if (kind === "text") return typeof value === "string";
  if (kind === "object" || kind === "dictionary") return isObject(value);
  if (kind === "list") return Array.isArray(value);
  if (kind === "number") return typeof value === "number";
  if (kind === "boolean") return typeof value === "boolean";
  return true;
}

function isTextual(schema: Json | undefined): boolean {
  return isObject(schema) && schema["type"] === "string";
}

/** Tell whether a plain value is of one of the types that a schema offers. */
function isOffered(schema: JsonObject, value: Json): boolean {
  const options = (schema["anyOf"] ?? schema["oneOf"] ?? [schema]) as readonly JsonObject[];
  return options.some((one) => {
    const types = ([] as unknown[]).concat(one["type"] ?? []);
    if (typeof value === "number") {
      return types.includes("number") || (types.includes("integer") && Number.isInteger(value));
    }
    return types.includes(typeof value) || one["const"] === value;
  });
}
