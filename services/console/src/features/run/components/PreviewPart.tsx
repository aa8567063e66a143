import { Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SchemaInputPreviewView } from "@/api/schema";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { previewQuery } from "../api";
import type { Found } from "../logic/found";
import { Value } from "./JsonView";
import classes from "./run.module.css";

/** What a node would be given if it were reached now. */
export function PreviewPart({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { layer, id } = found;
  const instance = layer.run?.instance;
  const { data, error, refetch } = useQuery({
    ...previewQuery(instance?.instance_id ?? "", id, instance?.revision ?? 0),
    placeholderData: keepPreviousData,
    enabled: instance !== undefined,
  });
  if (data === undefined) {
    if (error === null) return <Rows count={3} />;
    return <ProblemPanel error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Stack gap="xs">
      <Text size="xs" className="faint">
        {t(data.inputs.length === 0 ? "preview.none" : "preview.about")}
      </Text>
      <dl className={classes["values"]}>
        {data.inputs.map((input) => (
          <div key={input.name}>
            <dt className="code">{input.name}</dt>
            <dd>
              {(input.problem ?? null) === null ? (
                <Value value={input.value} />
              ) : (
                <Why input={input} />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Stack>
  );
}

function Why({ input: { problem } }: { readonly input: SchemaInputPreviewView }) {
  const { t } = useTranslation("run");
  if (problem === undefined || problem === null) return null;
  const isLater = problem.code === "not_known_yet";
  return (
    <Text
      size="sm"
      component="span"
      {...(isLater ? { className: "faint" } : { c: "var(--bad-text)" })}
    >
      <span className="code">{`\${${problem.expression}}`}</span>{" "}
      {isLater ? t("preview.later", { missing: problem.missing.join(", ") }) : problem.message}
    </Text>
  );
}
