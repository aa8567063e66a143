import { Input } from "@mantine/core";
import { useId } from "react";
import { CodeField } from "./CodeField";
import type { ExpressionFieldProps } from "./types";

/** A text with `${...}`, or an expression, in which what is known is completed. */
export function ExpressionField(props: ExpressionFieldProps) {
  const { label, value, scope, language = "template", description, error, required } = props;
  const id = useId();
  const describedBy = [
    description === undefined || description === "" ? "" : `${id}-description`,
    error === undefined ? "" : `${id}-error`,
  ];
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      required={required === true}
      description={description === "" ? undefined : description}
      error={error}
      descriptionProps={{ id: `${id}-description` }}
      errorProps={{ id: `${id}-error` }}
      size="xs"
    >
      <CodeField
        label={label}
        value={value}
        onChange={props.onChange}
        language={language}
        scope={scope}
        oneLine
        readOnly={props.readOnly}
        placeholder={props.placeholder}
        isInvalid={error !== undefined}
        describedBy={describedBy.filter((one) => one !== "").join(" ") || undefined}
      />
    </Input.Wrapper>
  );
}
