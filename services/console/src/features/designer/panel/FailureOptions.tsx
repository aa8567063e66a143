import { Checkbox, Group, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Json } from "@/shared/forms/types";
import type { Retry } from "./edits";
import { asList, asText, duration, retryOf, told, withKey, writtenRetry } from "./edits";
import type { PartProps } from "./parts";
import { Section } from "./parts";

/** What becomes of a node that fails. */
export function FailureOptions({ node, problems, readOnly, onChange }: PartProps) {
  const { t } = useTranslation("panel");
  const retry = retryOf(node["retry"]);
  const setRetry = (part: Partial<Retry>) =>
    onChange(withKey(node, "retry", writtenRetry({ ...retry, ...part })));
  const number = (value: Json | undefined) => (typeof value === "number" ? value : "");
  const set = (key: string, value: Json | undefined) => onChange(withKey(node, key, value));
  const isIgnored = node["ignore_failure"] === true;
  return (
    <Section title={t("failure.title")}>
      <NumberInput
        label={t("failure.times")}
        description={t("failure.timesHelp")}
        size="xs"
        min={0}
        max={1000}
        value={retry.times}
        readOnly={readOnly}
        error={told(problems, "retry")}
        onChange={(value) => setRetry({ times: typeof value === "number" ? value : 0 })}
      />
      {retry.times > 0 && (
        <>
          <Group grow align="flex-start">
            <TextInput
              label={t("failure.interval")}
              value={asText(retry.interval)}
              placeholder="5s"
              readOnly={readOnly}
              onChange={(event) => setRetry({ interval: duration(event.currentTarget.value) })}
            />
            <NumberInput
              label={t("failure.factor")}
              size="xs"
              min={1}
              max={100}
              value={number(retry.factor)}
              placeholder="1"
              readOnly={readOnly}
              onChange={(value) =>
                setRetry({ factor: typeof value === "number" ? value : undefined })
              }
            />
          </Group>
          <Group grow align="flex-start">
            <TextInput
              label={t("failure.limit")}
              value={asText(retry.limit)}
              readOnly={readOnly}
              onChange={(event) => setRetry({ limit: duration(event.currentTarget.value) })}
            />
            <NumberInput
              label={t("failure.jitter")}
              size="xs"
              min={0}
              max={1}
              step={0.1}
              value={number(retry.jitter)}
              placeholder="0"
              readOnly={readOnly}
              onChange={(value) =>
                setRetry({ jitter: typeof value === "number" ? value : undefined })
              }
            />
          </Group>
          <TagsInput
            label={t("failure.codes")}
            description={t("failure.codesHelp")}
            size="xs"
            value={asList(retry.codes).map(String)}
            readOnly={readOnly}
            onChange={(codes) => setRetry({ codes: codes.length > 0 ? codes : undefined })}
          />
        </>
      )}
      <Checkbox
        label={t("failure.ignore")}
        description={t("failure.ignoreHelp")}
        checked={isIgnored}
        disabled={readOnly}
        onChange={(event) => set("ignore_failure", event.currentTarget.checked ? true : undefined)}
      />
      <Checkbox
        label={t("failure.retryable")}
        checked={node["retryable"] !== false}
        disabled={readOnly || (isIgnored && node["retryable"] !== false)}
        onChange={(event) => set("retryable", event.currentTarget.checked ? undefined : false)}
      />
      <Checkbox
        label={t("failure.skippable")}
        checked={node["skippable"] !== false}
        disabled={readOnly || (isIgnored && node["skippable"] !== false)}
        onChange={(event) => set("skippable", event.currentTarget.checked ? undefined : false)}
      />
    </Section>
  );
}
