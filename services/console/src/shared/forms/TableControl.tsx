import { Button, Input, Table } from "@mantine/core";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { RowActions } from "@/shared/RowActions";
import classes from "./forms.module.css";
import type { ControlProps } from "./InputControl";
import { InputControl } from "./InputControl";
import { newRow, withValue } from "./inputValues";
import type { Json, JsonObject } from "./types";
import { isObject } from "./yaml";

/** A list of objects with the same fields, one in each row. */
export function TableControl({
  field,
  value,
  secrets,
  readOnly,
  problems,
  error,
  onChange,
}: ControlProps & { readonly value: Json | undefined; readonly error: string | undefined }) {
  const { t } = useTranslation("forms");
  const rows = Array.isArray(value) ? (value as readonly Json[]) : [];
  const most = field.validation.max_items;
  const change = (at: number, row: JsonObject) =>
    onChange(rows.map((one, index) => (index === at ? row : one)));
  return (
    <Input.Wrapper
      label={field.label}
      labelElement="div"
      description={field.help === "" ? undefined : field.help}
      required={field.required}
      error={error}
      size="xs"
    >
      {rows.length > 0 && (
        <div className={classes["rows"]} tabIndex={0} role="region" aria-label={field.label}>
          <Table withTableBorder verticalSpacing={4} horizontalSpacing={6} mt={4}>
            <Table.Thead>
              <Table.Tr>
                {field.columns.map((column) => (
                  <Table.Th key={column.name} className={classes["cell"]} title={column.help}>
                    {column.label}
                    {column.required && <span aria-hidden>{" *"}</span>}
                  </Table.Th>
                ))}
                <Table.Th w={36}>
                  <span className="unseen">{t("rowActions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row, at) => (
                // Rows have nothing of their own to be told apart by.
                <Table.Tr key={at}>
                  {field.columns.map((column) => (
                    <Table.Td key={column.name}>
                      <InputControl
                        field={column}
                        values={isObject(row) ? row : {}}
                        secrets={secrets}
                        readOnly={readOnly}
                        isCell
                        label={t("cell", { label: column.label, number: at + 1 })}
                        problems={problems
                          .filter((one) => one.path[0] === at && one.path[1] === column.name)
                          .map((one) => ({ ...one, path: one.path.slice(2) }))}
                        onChange={(next) =>
                          change(at, withValue(isObject(row) ? row : {}, column.name, next))
                        }
                      />
                    </Table.Td>
                  ))}
                  <Table.Td>
                    {!readOnly && (
                      <RowActions
                        remove={{
                          label: t("removeRow", { number: at + 1 }),
                          act: () => onChange(rows.filter((_, index) => index !== at)),
                        }}
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {!readOnly && (most === null || rows.length < most) && (
        <Button
          variant="default"
          size="compact-xs"
          mt={6}
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => onChange([...rows, newRow(field.columns)])}
        >
          {t("addRow", { label: field.label })}
        </Button>
      )}
    </Input.Wrapper>
  );
}
