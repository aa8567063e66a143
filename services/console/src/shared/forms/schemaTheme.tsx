import { Box, Button, Collapse, Group, Stack } from "@mantine/core";
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  RegistryFieldsType,
  TemplatesType,
} from "@rjsf/utils";
import { ChevronDown, ChevronRight, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RowActions } from "../RowActions";
import classes from "./forms.module.css";
import { SchemaPlace } from "./SchemaPlace";
import { ChoiceWidget, NumberWidget, TextWidget, YesNoWidget } from "./schemaWidgets";

/** The form's own look, of Mantine's parts: what is around a field stands in SchemaPlace. */

export const FIELDS = { SchemaField: SchemaPlace } as unknown as RegistryFieldsType;

export const WIDGETS = {
  TextWidget,
  TextareaWidget: TextWidget,
  PasswordWidget: TextWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  DateWidget: TextWidget,
  DateTimeWidget: TextWidget,
  TimeWidget: TextWidget,
  UpDownWidget: NumberWidget,
  SelectWidget: ChoiceWidget,
  CheckboxWidget: YesNoWidget,
};

export const TEMPLATES: Partial<TemplatesType> = {
  FieldTemplate: Bare,
  ObjectFieldTemplate: Fields,
  ArrayFieldTemplate: Items,
  ArrayFieldItemTemplate: Item,
  TitleFieldTemplate: Nothing,
  DescriptionFieldTemplate: Nothing,
  FieldErrorTemplate: Nothing,
  FieldHelpTemplate: Nothing,
};

function Nothing() {
  return null;
}

function Bare({ children, hidden }: FieldTemplateProps) {
  return hidden === true ? null : children;
}

/** Fields that are asked for or filled in stand first; the others are a click away. */
function Fields({ properties, schema, formData }: ObjectFieldTemplateProps) {
  const { t } = useTranslation("forms");
  const [first] = useState(() => {
    const given = (formData ?? {}) as Record<string, unknown>;
    const required = new Set(schema.required ?? []);
    const names = properties.map((one) => one.name);
    const chosen = names.filter((name) => required.has(name) || given[name] !== undefined);
    // A few more are no burden; many more are not read by anybody.
    if (names.length - chosen.length <= FEW) return new Set(names);
    return new Set(chosen.length === 0 ? names.slice(0, FEW) : chosen);
  });
  const [isOpen, setOpen] = useState(false);
  const shown = properties.filter(({ name }) => first.has(name));
  const others = properties.filter(({ name, hidden }) => !first.has(name) && !hidden);
  return (
    <Stack gap="sm">
      {shown.map(({ name, content }) => (
        <Box key={name}>{content}</Box>
      ))}
      {others.length > 0 && (
        <>
          <Button
            variant="subtle"
            size="compact-xs"
            w="max-content"
            aria-expanded={isOpen}
            leftSection={
              isOpen ? (
                <ChevronDown size={14} aria-hidden />
              ) : (
                <ChevronRight size={14} aria-hidden />
              )
            }
            onClick={() => setOpen(!isOpen)}
          >
            {t("more", { count: others.length })}
          </Button>
          <Collapse expanded={isOpen}>
            <Stack gap="sm">
              {isOpen && others.map(({ name, content }) => <Box key={name}>{content}</Box>)}
            </Stack>
          </Collapse>
        </>
      )}
    </Stack>
  );
}

const FEW = 3;

function Items({ items, canAdd, onAddClick, readonly }: ArrayFieldTemplateProps) {
  const { t } = useTranslation("forms");
  return (
    <Stack gap="xs">
      {items}
      {canAdd === true && readonly !== true && (
        <Button
          variant="default"
          size="compact-xs"
          w="max-content"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={(event) => onAddClick(event)}
        >
          {t("addItem")}
        </Button>
      )}
    </Stack>
  );
}

function Item({ children, buttonsProps, index, readonly }: ArrayFieldItemTemplateProps) {
  const { t } = useTranslation("forms");
  const { hasMoveUp, hasMoveDown, hasRemove } = buttonsProps;
  const { onMoveUpItem, onMoveDownItem, onRemoveItem } = buttonsProps;
  const number = index + 1;
  return (
    <Group gap={4} align="flex-start" wrap="nowrap">
      <Box flex={1} miw={0} className={classes["item"]}>
        {children}
      </Box>
      {readonly !== true && (
        <Group gap={0} wrap="nowrap" pt={2}>
          <RowActions
            up={hasMoveUp ? { label: t("moveUp", { number }), act: onMoveUpItem } : undefined}
            down={
              hasMoveDown ? { label: t("moveDown", { number }), act: onMoveDownItem } : undefined
            }
            remove={
              hasRemove ? { label: t("removeItem", { number }), act: onRemoveItem } : undefined
            }
          />
        </Group>
      )}
    </Group>
  );
}
