import { Button, Stack, TextInput } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RowActions } from "@/shared/RowActions";
import { CodeField } from "./CodeField";
import classes from "./forms.module.css";
import { readLoose, showLoose } from "./loose";
import type { Json, JsonObject, Scope } from "./types";
import { isSame } from "./yaml";

/** What a field shows while its text is no value yet, and after somebody else has changed it. */
function useLooseText(value: Json | undefined, read: (text: string) => Json | undefined) {
  const [text, setText] = useState(showLoose(value));
  const [known, setKnown] = useState(value);
  if (!isSame(known, value)) {
    setKnown(value);
    if (!isSame(read(text), value ?? "")) setText(showLoose(value));
  }
  return [text, setText] as const;
}

interface LooseProps {
  readonly label: string;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly scope: Scope | null;
  readonly oneLine?: boolean;
  readonly readOnly?: boolean | undefined;
  readonly isInvalid?: boolean;
  readonly placeholder?: string | undefined;
  readonly describedBy?: string | undefined;
  /** Tells whether a value may stand here; what may not is taken as text. */
  readonly takes?: (value: Json) => boolean;
}

/** Any value: JSON where it reads as such, text otherwise. */
export function LooseField(props: LooseProps) {
  const { label, value, onChange, scope, oneLine = false, takes } = props;
  const { t } = useTranslation("forms");
  const read = (text: string) => {
    const found = readLoose(text);
    return found !== undefined && takes !== undefined && !takes(found) ? text : found;
  };
  const [text, setText] = useLooseText(value, read);
  const isNone = read(text) === undefined;
  return (
    <>
      <CodeField
        label={label}
        value={text}
        language={oneLine ? "template" : "json"}
        oneLine={oneLine}
        {...(scope !== null && { scope })}
        readOnly={props.readOnly}
        placeholder={props.placeholder}
        isInvalid={isNone || props.isInvalid === true}
        describedBy={props.describedBy}
        onChange={(next) => {
          setText(next);
          const found = read(next);
          if (found !== undefined) onChange(found === "" ? undefined : found);
        }}
      />
      {isNone && <p className={classes["hint"]}>{t("notJson")}</p>}
    </>
  );
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly value: Json | undefined;
}

function rowsOf(value: JsonObject | undefined, from: number): Row[] {
  return Object.entries(value ?? {}).map(([name, one], at) => ({
    id: from + at,
    name,
    value: one,
  }));
}

function valueOf(rows: readonly Row[]): JsonObject {
  return Object.fromEntries(
    rows.filter((row) => row.name !== "").map((row) => [row.name, row.value ?? ""]),
  );
}

/** Names and values: rows may be without a name for as long as somebody writes them. */
export function PairsField({
  label,
  value,
  onChange,
  scope,
  readOnly = false,
  isText = false,
  problemOf,
}: {
  readonly label: string;
  readonly value: JsonObject | undefined;
  readonly onChange: (value: JsonObject | undefined) => void;
  readonly scope: Scope | null;
  readonly readOnly?: boolean | undefined;
  /** Values are texts, whatever they read as. */
  readonly isText?: boolean;
  readonly problemOf?: (name: string) => string | undefined;
}) {
  const { t } = useTranslation("forms");
  const [rows, setRows] = useState(() => rowsOf(value, 0));
  const [next, setNext] = useState(rows.length);
  const [known, setKnown] = useState(value);
  if (!isSame(known, value)) {
    setKnown(value);
    if (!isSame(valueOf(rows), value ?? {})) {
      setRows(rowsOf(value, next));
      setNext(next + Object.keys(value ?? {}).length);
    }
  }
  const change = (changed: readonly Row[]) => {
    setRows([...changed]);
    const found = valueOf(changed);
    onChange(Object.keys(found).length === 0 ? undefined : found);
  };
  const edit = (id: number, part: Partial<Row>) =>
    change(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <Stack gap={6}>
      {rows.map((row, at) => {
        const isTwice = rows.some((one) => one.id !== row.id && one.name === row.name);
        const problem = problemOf?.(row.name) ?? (isTwice ? t("twice") : undefined);
        return (
          <div key={row.id} className={classes["pair"]}>
            <TextInput
              aria-label={t("nameOf", { label, number: at + 1 })}
              placeholder={t("name")}
              value={row.name}
              readOnly={readOnly}
              error={problem}
              onChange={(event) => edit(row.id, { name: event.currentTarget.value })}
            />
            <LooseField
              label={t("valueOf", { label, name: row.name === "" ? at + 1 : row.name })}
              value={row.value}
              scope={scope}
              oneLine
              readOnly={readOnly}
              takes={isText ? () => false : () => true}
              onChange={(one) => edit(row.id, { value: one })}
            />
            {!readOnly && (
              <RowActions
                remove={{
                  label: t("remove", { label: row.name === "" ? at + 1 : row.name }),
                  act: () => change(rows.filter((one) => one.id !== row.id)),
                }}
              />
            )}
          </div>
        );
      })}
      {!readOnly && (
        <Button
          variant="default"
          size="compact-xs"
          w="max-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => {
            setRows([...rows, { id: next, name: "", value: undefined }]);
            setNext(next + 1);
          }}
        >
          {t("addPair", { label })}
        </Button>
      )}
    </Stack>
  );
}
