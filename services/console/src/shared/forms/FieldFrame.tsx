import { ActionIcon, Box, Group, Input, Tooltip } from "@mantine/core";
import { SquareFunction, TextCursorInput, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Words } from "@/shared/Words";
import classes from "./forms.module.css";

interface Props {
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
  /** Label and description are said by the field itself. */
  readonly isBare?: boolean;
  /** What it holds names itself: it is no single field that a label leads to. */
  readonly isGroup?: boolean;
  /** It holds fields of its own, and is drawn so. */
  readonly isNested?: boolean;
  readonly onRemove?: (() => void) | undefined;
  /** Present where it may be an expression. */
  readonly expression?: { readonly isOn: boolean; readonly onSwitch: () => void } | undefined;
  readonly children: ReactNode;
}

/** What stands around a field: its label, its help, what is wrong, and what may be done with it. */
export function FieldFrame(props: Props) {
  const { id, label, description = "", error, required = false, isBare, isGroup, children } = props;
  const { onRemove, expression } = props;
  const { t } = useTranslation("forms");
  const actions = (
    <Group gap={2} wrap="nowrap">
      {expression !== undefined && <Switch label={label} {...expression} />}
      {onRemove !== undefined && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t("remove", { label })}
          onClick={onRemove}
        >
          <X size={14} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
  if (isBare === true) {
    return (
      <Group gap={4} wrap="nowrap" align="flex-start">
        <Box flex={1} miw={0}>
          {children}
          {error !== undefined && <Input.Error mt={3}>{error}</Input.Error>}
        </Box>
        {actions}
      </Group>
    );
  }
  return (
    <Box
      role={isGroup === true ? "group" : undefined}
      aria-labelledby={isGroup ? `${id}-label` : undefined}
    >
      <Group justify="space-between" gap="xs" wrap="nowrap" mih={22}>
        <Input.Label
          id={`${id}-label`}
          size="xs"
          required={required}
          labelElement={isGroup === true ? "div" : "label"}
          {...(isGroup !== true && { htmlFor: id })}
        >
          {label}
        </Input.Label>
        {actions}
      </Group>
      {description !== "" && (
        <Input.Description id={`${id}-description`} size="xs" mb={4}>
          <Words text={description} />
        </Input.Description>
      )}
      <div className={props.isNested === true ? classes["inside"] : undefined}>{children}</div>
      {error !== undefined && (
        <Input.Error id={`${id}-error`} mt={3}>
          {error}
        </Input.Error>
      )}
    </Box>
  );
}

function Switch({
  label,
  isOn,
  onSwitch,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onSwitch: () => void;
}) {
  const { t } = useTranslation("forms");
  const hint = t(isOn ? "asValue" : "asExpression", { label });
  return (
    <Tooltip label={hint}>
      <ActionIcon
        variant={isOn ? "light" : "subtle"}
        color={isOn ? "teal" : "gray"}
        size="sm"
        aria-label={hint}
        aria-pressed={isOn}
        onClick={onSwitch}
      >
        {isOn ? (
          <TextCursorInput size={14} aria-hidden />
        ) : (
          <SquareFunction size={14} aria-hidden />
        )}
      </ActionIcon>
    </Tooltip>
  );
}
