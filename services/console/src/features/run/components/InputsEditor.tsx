import { SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SchemaForm } from "@/shared/forms/SchemaForm";
import type { JsonObject, Schema } from "@/shared/forms/types";
import { pluginsQuery } from "@/shared/plugins";
import { JsonField, readAsObject, written } from "./JsonField";

/** Inputs of a node: in the form of its plugin, or as JSON. */
export function InputsEditor({
  plugin,
  text,
  onChange,
}: {
  /** Null for what has no form, such as a subflow. */
  readonly plugin: string | null;
  /** The inputs as JSON, which is what counts. */
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const { t } = useTranslation("run");
  const [isForm, setForm] = useState(true);
  const { data: plugins = [] } = useQuery({ ...pluginsQuery, enabled: plugin !== null });
  const found = plugins.find((one) => `${one.name}@${one.version}` === plugin);
  const values = readAsObject(text);
  if (found === undefined) {
    return <JsonField label={t("field.inputs")} text={text} onChange={onChange} />;
  }
  return (
    <Stack gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={t("field.writtenAs")}
        value={isForm && values !== null ? "form" : "json"}
        onChange={(value) => setForm(value === "form")}
        data={[
          { value: "form", label: t("field.form"), disabled: values === null },
          { value: "json", label: t("field.json") },
        ]}
      />
      {isForm && values !== null ? (
        <SchemaForm
          id="inputs"
          schema={found.inputs_schema as Schema}
          values={values as JsonObject}
          onChange={(changed) => onChange(written(changed))}
        />
      ) : (
        <JsonField label={t("field.inputs")} text={text} onChange={onChange} />
      )}
    </Stack>
  );
}
