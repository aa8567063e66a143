import { Suspense, useMemo } from "react";
import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { lazily } from "@/shared/lazily";
import { FormContext, placeOf } from "./schemaContext";
import { prepared } from "./schemaKinds";
import type { SchemaProblem } from "./schemaProblems";
import { problemsOf } from "./schemaProblems";
import type { SchemaFormProps } from "./types";

const Fields = lazily(async () => (await import("./SchemaFields")).SchemaFields);

/** A form made from a JSON Schema; fields may be expressions where a scope is given. */
export function SchemaForm(props: SchemaFormProps) {
  const { id, values, onChange, scope, problems = [], readOnly = false } = props;
  const schema = useMemo(() => prepared(props.schema), [props.schema]);
  const say = useFaultWords();
  const facts = useMemo(() => {
    const own = problemsOf(schema, values).map(
      (problem) => [placeOf(problem.path), say(problem)] as const,
    );
    const told = problems.map((one) => [placeOf(one.path), one.message] as const);
    return { scope: scope ?? null, problems: new Map([...own, ...told]), readOnly };
  }, [schema, values, problems, scope, readOnly, say]);
  return (
    <FormContext value={facts}>
      <Suspense fallback={<Skeleton h={160} />}>
        <Fields id={id} schema={schema} values={values} onChange={onChange} />
      </Suspense>
    </FormContext>
  );
}

function useFaultWords(): (problem: SchemaProblem) => string {
  const { t } = useTranslation("forms");
  return useMemo(
    () =>
      ({ fault, limit }) =>
        t(`fault.${fault}`, { limit }),
    [t],
  );
}
