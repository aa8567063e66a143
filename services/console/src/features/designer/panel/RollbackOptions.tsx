import { Checkbox, Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PairsField } from "@/shared/forms/looseFields";
import type { JsonObject, Scope } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { asText, below, told, withKey } from "./edits";
import type { PartProps } from "./parts";
import { Section } from "./parts";
import { RunsPart } from "./RunsPart";

/** What undoes a node when its instance is rolled back. */
export function RollbackOptions({
  node,
  problems,
  readOnly,
  onChange,
  scope,
}: PartProps & { readonly scope: Scope }) {
  const { t } = useTranslation("panel");
  const rollback = isObject(node["rollback"]) ? node["rollback"] : null;
  const kind = rollback === null ? "none" : "subflow" in rollback ? "subflow" : "plugin";
  const set = (value: JsonObject | undefined) => onChange(withKey(node, "rollback", value));
  const found = below(problems, "rollback");
  return (
    <Section title={t("rollback.title")}>
      <Select
        label={t("rollback.kind")}
        data={[
          { value: "none", label: t("rollback.none") },
          { value: "plugin", label: t("rollback.plugin") },
          { value: "subflow", label: t("rollback.subflow") },
        ]}
        value={kind}
        allowDeselect={false}
        readOnly={readOnly}
        error={told(found.filter((one) => one.path.length === 0))}
        onChange={(value) =>
          set(value === "plugin" || value === "subflow" ? { [value]: "" } : undefined)
        }
      />
      {rollback !== null && kind === "plugin" && (
        <RunsPart
          id={`rollback-${asText(node["id"])}`}
          value={rollback}
          scope={scope}
          problems={found}
          readOnly={readOnly}
          onChange={set}
        />
      )}
      {rollback !== null && kind === "subflow" && (
        <>
          <TextInput
            label={t("subflow.template")}
            value={asText(rollback["subflow"])}
            readOnly={readOnly}
            error={told(found, "subflow")}
            onChange={(event) => set({ ...rollback, subflow: event.currentTarget.value })}
          />
          <PairsField
            label={t("inputs")}
            value={isObject(rollback["inputs"]) ? rollback["inputs"] : undefined}
            scope={scope}
            readOnly={readOnly}
            onChange={(inputs) => set(withKey(rollback, "inputs", inputs))}
          />
        </>
      )}
      {rollback !== null && (
        <Checkbox
          label={t("rollback.coversFailed")}
          description={t("rollback.coversFailedHelp")}
          checked={rollback["covers_failed"] === true}
          disabled={readOnly}
          onChange={(event) =>
            set(withKey(rollback, "covers_failed", event.currentTarget.checked ? true : undefined))
          }
        />
      )}
    </Section>
  );
}
