import { Button, Card, Checkbox, Group, MultiSelect, Stack, Text, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FieldProblem, JsonObject } from "@/shared/forms/types";
import { isObject } from "@/shared/forms/yaml";
import { RowActions } from "@/shared/RowActions";
import { asList, asObject, asText, freeName, given, told, withKey, withName } from "./edits";
import { NameInput } from "./parts";

interface Props {
  readonly definition: JsonObject;
  readonly problems: readonly FieldProblem[];
  readonly readOnly: boolean;
  readonly onChange: (schemes: JsonObject) => void;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** Which optional nodes run, by the name of a choice. */
export function SchemesEditor({ definition, problems, readOnly, onChange }: Props) {
  const { t } = useTranslation("panel");
  const schemes = asObject(definition["schemes"]);
  const optional = asList(definition["nodes"])
    .filter(isObject)
    .filter((node) => node["optional"] === true)
    .map((node) => ({
      value: asText(node["id"]),
      label: asText(node["name"]) || asText(node["id"]),
    }));
  const rename = (from: string, to: string) => {
    if (!NAME.test(to)) return t("scheme.invalid");
    if (to in schemes) return t("variable.taken");
    onChange(withName(schemes, from, to));
    return undefined;
  };
  return (
    <Stack gap="sm">
      <Text size="sm" className="faint">
        {t(optional.length === 0 ? "scheme.noOptional" : "scheme.help")}
      </Text>
      {Object.entries(schemes).map(([name, raw]) => {
        const scheme = asObject(raw);
        const keeps = asList(scheme["keeps"]).map(String);
        const set = (next: JsonObject) => onChange({ ...schemes, [name]: next });
        const gone = keeps.filter((id) => !optional.some((one) => one.value === id));
        return (
          <Card key={name} withBorder p="xs" component="section" aria-label={name}>
            <Stack gap={6}>
              <Group gap={4} wrap="nowrap" align="flex-end">
                <NameInput
                  label={t("scheme.name")}
                  value={name}
                  readOnly={readOnly}
                  onName={(to) => rename(name, to)}
                />
                {!readOnly && (
                  <RowActions
                    remove={{
                      label: t("scheme.remove", { name }),
                      act: () => onChange(withKey(schemes, name, undefined)),
                    }}
                  />
                )}
              </Group>
              <MultiSelect
                label={t("scheme.keeps")}
                size="xs"
                data={[...optional, ...gone.map((id) => ({ value: id, label: id }))]}
                value={keeps}
                readOnly={readOnly}
                error={told(problems, name)}
                onChange={(ids) => set({ ...scheme, keeps: ids })}
              />
              <TextInput
                label={t("scheme.description")}
                value={asText(scheme["description"])}
                readOnly={readOnly}
                onChange={(event) =>
                  set(withKey(scheme, "description", given(event.currentTarget.value)))
                }
              />
              <Checkbox
                label={t("scheme.default")}
                checked={scheme["default"] === true}
                disabled={readOnly}
                onChange={(event) =>
                  set(withKey(scheme, "default", event.currentTarget.checked ? true : undefined))
                }
              />
            </Stack>
          </Card>
        );
      })}
      {!readOnly && optional.length > 0 && (
        <Button
          variant="default"
          w="max-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() =>
            onChange({ ...schemes, [freeName("scheme", Object.keys(schemes))]: { keeps: [] } })
          }
        >
          {t("scheme.add")}
        </Button>
      )}
    </Stack>
  );
}
