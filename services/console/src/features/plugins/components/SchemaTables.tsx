import { Code, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Words } from "@/shared/Words";
import type { Field, Schema } from "../jsonSchema";
import { fieldsOf, isOpen, partsOf } from "../jsonSchema";
import classes from "./plugins.module.css";

/** What a JSON Schema says, as tables: its fields, and those of the parts that they name. */
export function SchemaTables({
  schema,
  label,
  areInputs = false,
}: {
  readonly schema: Schema;
  readonly label: string;
  /** Whether somebody fills them in: then it matters what is required, and what else holds. */
  readonly areInputs?: boolean;
}) {
  const { t } = useTranslation("plugins");
  const fields = fieldsOf(schema);
  return (
    <Stack gap="md">
      {fields.length === 0 ? (
        <Text size="sm" className="faint">
          {t(isOpen(schema) ? "schema.any" : "schema.none")}
        </Text>
      ) : (
        <FieldTable fields={fields} label={label} areInputs={areInputs} />
      )}
      {partsOf(schema).map((part) => (
        <div key={part.name}>
          <Text size="sm" mb={4}>
            <Code>{part.name}</Code> <Words text={part.description} />
          </Text>
          <FieldTable fields={part.fields} label={`${label}: ${part.name}`} areInputs={areInputs} />
        </div>
      ))}
    </Stack>
  );
}

function FieldTable({
  fields,
  label,
  areInputs,
}: {
  readonly fields: readonly Field[];
  readonly label: string;
  readonly areInputs: boolean;
}) {
  const { t } = useTranslation("plugins");
  return (
    <div className={`card ${classes["frame"] ?? ""}`} tabIndex={0} role="group" aria-label={label}>
      <Table verticalSpacing={5} horizontalSpacing="sm" aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes["field"] ?? ""}>{t("schema.name")}</Table.Th>
            <Table.Th className={classes["field"] ?? ""}>{t("schema.type")}</Table.Th>
            {areInputs && <Table.Th>{t("schema.default")}</Table.Th>}
            <Table.Th className={classes["meaning"] ?? ""}>{t("schema.meaning")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field) => (
            <FieldLine key={field.name} field={field} isInput={areInputs} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function FieldLine({ field, isInput }: { readonly field: Field; readonly isInput: boolean }) {
  const { t } = useTranslation("plugins");
  const notes = [
    ...(isInput ? field.limits.map(({ kind, value }) => t(`limit.${kind}`, { value })) : []),
    ...(field.isVerbatim ? [t("schema.verbatim")] : []),
  ];
  return (
    <Table.Tr>
      <Table.Td className="code">{field.name}</Table.Td>
      <Table.Td>
        <span className="code">{field.type}</span>
        {field.choices.length > 0 && (
          <Text size="xs" className="faint code">
            {field.choices.join(" | ")}
          </Text>
        )}
      </Table.Td>
      {isInput && (
        <Table.Td>
          {field.isRequired ? (
            <strong>{t("schema.required")}</strong>
          ) : (
            <span className={field.fallback === null ? "faint" : "code"}>
              {field.fallback ?? t("schema.optional")}
            </span>
          )}
        </Table.Td>
      )}
      <Table.Td>
        <Words text={field.description} />
        {notes.length > 0 && (
          <Text size="xs" className="faint">
            {notes.join(" · ")}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
