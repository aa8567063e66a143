import { Stack } from "@mantine/core";
import Form from "@rjsf/core/lib/components/Form.js";
import type { ValidatorType } from "@rjsf/utils";
import { useMemo } from "react";
import { useFormFacts } from "./schemaContext";
import { FIELDS, TEMPLATES, WIDGETS } from "./schemaTheme";
import { problemsOf } from "./schemaProblems";
import type { Json, JsonObject, Schema } from "./types";
import { isObject, isSame } from "./yaml";

type Values = Record<string, unknown>;

/** Interprets schemas, where the usual validator would compile them: the page allows no eval. */
const VALIDATOR: ValidatorType<Values> = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: (schema, value, root) => {
    const definitions = (root as JsonObject)["$defs"] ?? {};
    const whole = { ...(schema as JsonObject), $defs: definitions };
    return problemsOf(whole, (value ?? null) as Json).length === 0;
  },
  rawValidation: (schema, value) => ({
    errors: problemsOf(schema, (value ?? null) as Json) as never[],
  }),
};

/** What is not given stays not given: the plugin knows its defaults. */
const NOTHING_ADDED = {
  emptyObjectFields: "skipDefaults",
  arrayMinItems: { populate: "never" },
  constAsDefaults: "never",
  requiredBooleanDefault: "skip",
} as const;

const UI = {
  "ui:submitButtonOptions": { norender: true },
};

interface Props {
  readonly id: string;
  readonly schema: Schema;
  readonly values: JsonObject;
  readonly onChange: (values: JsonObject) => void;
}

export function SchemaFields({ id, schema, values, onChange }: Props) {
  const { readOnly } = useFormFacts();
  const given = useMemo(() => structuredClone(values) as Values, [values]);
  return (
    <Form<Values>
      tagName={Stack}
      idPrefix={id}
      schema={schema}
      uiSchema={UI}
      formData={given}
      validator={VALIDATOR}
      fields={FIELDS}
      templates={TEMPLATES}
      widgets={WIDGETS}
      showErrorList={false}
      readonly={readOnly}
      experimental_defaultFormStateBehavior={NOTHING_ADDED}
      onChange={({ formData }) => {
        const next = defined(formData ?? {});
        if (!isSame(next, values)) onChange(next);
      }}
    />
  );
}

/** Return a value without what is not given in it. */
function defined(value: unknown): JsonObject {
  return stripped(value) as JsonObject;
}

function stripped(value: unknown): Json {
  if (Array.isArray(value)) return value.map((one) => (one === undefined ? null : stripped(one)));
  if (!isObject(value)) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => (one as unknown) !== undefined)
      .map(([key, one]) => [key, stripped(one)]),
  );
}
