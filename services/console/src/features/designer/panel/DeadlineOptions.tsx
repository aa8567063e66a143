import { Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Scope } from "@/shared/forms/types";
import type { Deadline } from "./edits";
import { asText, below, deadlineOf, duration, told, withKey, writtenDeadline } from "./edits";
import type { PartProps } from "./parts";
import { Section } from "./parts";
import { RunsPart } from "./RunsPart";

/** How long an attempt may take, its waits included, and what happens then. */
export function DeadlineOptions({
  node,
  problems,
  readOnly,
  onChange,
  scope,
  isMap,
}: PartProps & { readonly scope: Scope; readonly isMap: boolean }) {
  const { t } = useTranslation("panel");
  const deadline = deadlineOf(node["deadline"]);
  const set = (part: Partial<Deadline>) =>
    onChange(withKey(node, "deadline", writtenDeadline({ ...deadline, ...part })));
  // The deadline of a map is that of an item: nobody is told of each.
  const actions = ["fail", "skip", ...(isMap && deadline.action !== "notify" ? [] : ["notify"])];
  return (
    <Section title={t("deadline.title")}>
      <TextInput
        label={t("deadline.after")}
        description={t("deadline.afterHelp")}
        value={asText(deadline.after)}
        placeholder={t("deadline.none")}
        readOnly={readOnly}
        error={told(problems, "deadline")}
        onChange={(event) => set({ after: duration(event.currentTarget.value) })}
      />
      {deadline.after !== undefined && (
        <Select
          label={t("deadline.action")}
          data={actions.map((value) => ({
            value,
            label: t(`deadline.${value as "fail" | "skip" | "notify"}`),
          }))}
          value={deadline.action}
          allowDeselect={false}
          readOnly={readOnly}
          onChange={(action) => action !== null && set({ action })}
        />
      )}
      {deadline.after !== undefined && deadline.action === "notify" && (
        <RunsPart
          id={`notify-${asText(node["id"])}`}
          value={deadline.notify ?? {}}
          scope={scope}
          problems={below(problems, "deadline", "notify")}
          readOnly={readOnly}
          onChange={(notify) => set({ notify })}
        />
      )}
    </Section>
  );
}
