import { Text } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { CodeField } from "@/shared/forms/CodeField";
import { readObject } from "../logic/operations";

/** A JSON object that a person writes; what is wrong with it is said below it. */
export function JsonField({
  label,
  hint,
  text,
  onChange,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const { t } = useTranslation("run");
  const id = useId();
  const read = readObject(text);
  const isWrong = "problem" in read;
  return (
    <div>
      <Text size="sm" fw={500} component="div" aria-hidden>
        {label}
      </Text>
      {hint !== undefined && (
        <Text size="xs" className="faint">
          {hint}
        </Text>
      )}
      <CodeField
        label={label}
        language="json"
        value={text}
        onChange={onChange}
        isInvalid={isWrong}
        describedBy={id}
      />
      <Text id={id} size="xs" c="var(--bad-text)" aria-live="polite" component="div">
        {isWrong &&
          (read.problem === ""
            ? t("field.objectWrong")
            : t("field.jsonWrong", { problem: read.problem }))}
      </Text>
    </div>
  );
}

/** Return what a person wrote; null while it is no JSON object. */
export function readAsObject(text: string): Record<string, unknown> | null {
  const read = readObject(text);
  return "value" in read ? read.value : null;
}

/** Return an object as people write it. */
export function written(value: Readonly<Record<string, unknown>> | null): string {
  return JSON.stringify(value ?? {}, null, 2);
}
