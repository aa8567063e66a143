import { Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import type { WidgetProps } from "@rjsf/utils";
import { useFormFacts, placeOf } from "./schemaContext";

/** What is typed in, without what stands around it: SchemaPlace has the label and what is wrong. */

function shownDefault(value: unknown): string {
  if (value === undefined || value === null || value === "") return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function TextWidget({ id, value, schema, onChange, readonly }: WidgetProps) {
  return (
    <TextInput
      id={id}
      value={typeof value === "string" ? value : ""}
      placeholder={shownDefault(schema.default)}
      readOnly={readonly === true}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

export function NumberWidget({ id, value, schema, onChange, readonly }: WidgetProps) {
  return (
    <NumberInput
      id={id}
      size="xs"
      value={typeof value === "number" ? value : ""}
      placeholder={shownDefault(schema.default)}
      allowDecimal={schema.type !== "integer"}
      thousandSeparator=""
      readOnly={readonly === true}
      onChange={(next) => {
        // Of digits that no number holds exactly, the text is given; it is none of them.
        const number = typeof next === "number" ? next : Number.parseFloat(next);
        onChange(Number.isFinite(number) ? number : undefined);
      }}
    />
  );
}

interface Option {
  readonly value: unknown;
  readonly label: string;
}

export function ChoiceWidget(props: WidgetProps) {
  const { id, schema, onChange, readonly, required, label } = props;
  const value = props.value as unknown;
  const options = (props.options.enumOptions ?? []) as readonly Option[];
  const chosen = options.findIndex((one) => one.value === value);
  return (
    <Select
      id={id}
      aria-label={label}
      data={options.map((one, at) => ({ value: String(at), label: one.label }))}
      value={chosen === -1 ? null : String(chosen)}
      placeholder={shownDefault(schema.default)}
      clearable={required !== true}
      readOnly={readonly === true}
      comboboxProps={{ withinPortal: true }}
      onChange={(at) => onChange(at === null ? undefined : options[Number(at)]?.value)}
    />
  );
}

export function YesNoWidget({ id, value, schema, onChange, readonly, label }: WidgetProps) {
  return (
    <Checkbox
      id={id}
      label={label}
      checked={typeof value === "boolean" ? value : schema.default === true}
      disabled={readonly === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

/** Return what is wrong at a place, if anything. */
export function useProblem(path: readonly (string | number)[]): string | undefined {
  return useFormFacts().problems.get(placeOf(path));
}
