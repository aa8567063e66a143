import { Stack } from "@mantine/core";
import { useMemo } from "react";
import classes from "./forms.module.css";
import { InputControl } from "./InputControl";
import { groupsOf, withValue } from "./inputValues";
import type { InputsFormProps } from "./types";

const NONE: ReadonlySet<string> = new Set();

/** What a template asks for, as its definition says: in groups, each with what is wrong beside. */
export function InputsForm(props: InputsFormProps) {
  const { fields, values, onChange, hidden = NONE, problems = [], secrets = [], readOnly } = props;
  const groups = useMemo(() => groupsOf(fields, hidden), [fields, hidden]);
  const controls = (some: (typeof groups)[number]["fields"]) =>
    some.map((field) => (
      <InputControl
        key={field.name}
        field={field}
        values={values}
        secrets={secrets}
        readOnly={readOnly === true}
        problems={problems
          .filter((one) => one.path[0] === field.name)
          .map((one) => ({ ...one, path: one.path.slice(1) }))}
        onChange={(value) => onChange(withValue(values, field.name, value))}
      />
    ));
  return (
    <Stack gap="md">
      {groups.map(({ name, fields: some }) =>
        name === "" ? (
          <Stack key={name} gap="md">
            {controls(some)}
          </Stack>
        ) : (
          <fieldset key={name} className={classes["group"]}>
            <legend className={classes["legend"]}>{name}</legend>
            <Stack gap="md">{controls(some)}</Stack>
          </fieldset>
        ),
      )}
    </Stack>
  );
}
