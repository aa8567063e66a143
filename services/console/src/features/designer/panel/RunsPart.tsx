import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { SchemaForm } from "@/shared/forms/SchemaForm";
import type { FieldProblem, JsonObject, Scope } from "@/shared/forms/types";
import { pluginsQuery, referenceOf } from "./api";
import { asObject, asText, below, told, withKey } from "./edits";

interface Props {
  /** Tells its form from others of the page. */
  readonly id: string;
  /** What is run: a plugin with its inputs, and whatever else is said about it. */
  readonly value: JsonObject;
  readonly scope: Scope;
  readonly problems: readonly FieldProblem[];
  readonly readOnly: boolean;
  readonly onChange: (value: JsonObject) => void;
}

/** A plugin that is run beside a node: to tell somebody, or to undo. */
export function RunsPart({ id, value, scope, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const plugins = useQuery(pluginsQuery()).data ?? [];
  const reference = asText(value["plugin"]);
  const plugin = plugins.find((one) => referenceOf(one) === reference);
  const known = plugins.map(referenceOf);
  return (
    <>
      <Select
        label={t("plugin")}
        data={reference === "" || known.includes(reference) ? known : [reference, ...known]}
        value={reference === "" ? null : reference}
        searchable
        required
        allowDeselect={false}
        readOnly={readOnly}
        error={told(problems, "plugin")}
        onChange={(one) => one !== null && onChange({ ...value, plugin: one })}
      />
      {plugin !== undefined && (
        <SchemaForm
          key={reference}
          id={id}
          schema={plugin.inputs_schema as JsonObject}
          values={asObject(value["inputs"])}
          scope={scope}
          readOnly={readOnly}
          problems={below(problems, "inputs")}
          onChange={(inputs) =>
            onChange(withKey(value, "inputs", Object.keys(inputs).length > 0 ? inputs : undefined))
          }
        />
      )}
    </>
  );
}
