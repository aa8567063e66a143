import { Accordion, Button, Group, Stack, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldProblem, JsonObject, Scope } from "@/shared/forms/types";
import { RowActions } from "@/shared/RowActions";
import { asText, below, freeName, isVariableName, moved, told, withKey, withName } from "./edits";
import { InputSpecEditor } from "./InputSpecEditor";
import { specOf, writtenSpec } from "./inputSpecs";
import { NameInput } from "./parts";

interface Props {
  readonly inputs: JsonObject;
  readonly onChange: (inputs: JsonObject) => void;
  readonly problems: readonly FieldProblem[];
  readonly readOnly: boolean;
  /** Inputs, for conditions over them. */
  readonly scope: Scope;
  /** Columns of a table are inputs of few kinds. */
  readonly isColumns?: boolean;
}

/** What is asked for at the start, in order, one opened at a time. */
export function InputsEditor({
  inputs,
  onChange,
  problems,
  readOnly,
  scope,
  isColumns = false,
}: Props) {
  const { t } = useTranslation("panel");
  const names = Object.keys(inputs);
  const [open, setOpen] = useState<string | null>(null);
  const rename = (from: string, to: string) => {
    if (!isVariableName(to)) return t("variable.invalid");
    if (to in inputs) return t("variable.taken");
    setOpen(to);
    onChange(withName(inputs, from, to));
    return undefined;
  };
  const add = () => {
    const name = freeName(isColumns ? "column" : "input", names);
    setOpen(name);
    onChange({ ...inputs, [name]: "string" });
  };
  return (
    <Stack gap="xs">
      {names.length > 0 && (
        <Accordion
          variant="separated"
          value={open}
          onChange={setOpen}
          keepMounted={false}
          order={4}
          transitionDuration={0}
        >
          {names.map((name, at) => {
            const spec = specOf(inputs[name] ?? "string");
            const found = below(problems, name);
            return (
              <Accordion.Item key={name} value={name}>
                <Accordion.Control>
                  <Group gap="xs" wrap="nowrap">
                    <Text size="sm" fw={600} className="code">
                      {name}
                    </Text>
                    <Text size="xs" className="faint">
                      {t(`type.${asText(spec["type"]) || "string"}` as "type.string")}
                    </Text>
                    {found.length > 0 && (
                      <Text size="xs" c="var(--bad-text)">
                        {t("input.wrong")}
                      </Text>
                    )}
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="sm">
                    <Group gap={4} align="flex-end" wrap="nowrap">
                      <NameInput
                        label={t("variable.name")}
                        value={name}
                        readOnly={readOnly}
                        onName={(to) => rename(name, to)}
                      />
                      {!readOnly && (
                        <RowActions
                          up={{
                            label: t("input.up", { name }),
                            act: at > 0 ? () => onChange(moved(inputs, name, -1)) : undefined,
                          }}
                          down={{
                            label: t("input.down", { name }),
                            act:
                              at < names.length - 1
                                ? () => onChange(moved(inputs, name, 1))
                                : undefined,
                          }}
                          remove={{
                            label: t("input.remove", { name }),
                            act: () => onChange(withKey(inputs, name, undefined)),
                          }}
                        />
                      )}
                    </Group>
                    <InputSpecEditor
                      name={name}
                      spec={spec}
                      problems={found}
                      readOnly={readOnly}
                      scope={scope}
                      isColumn={isColumns}
                      error={told(found.filter((one) => one.path.length === 0))}
                      onChange={(next) => onChange({ ...inputs, [name]: writtenSpec(next) })}
                    />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            );
          })}
        </Accordion>
      )}
      {!readOnly && (
        <Button
          variant="default"
          w="max-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={add}
        >
          {t(isColumns ? "input.addColumn" : "input.add")}
        </Button>
      )}
    </Stack>
  );
}
