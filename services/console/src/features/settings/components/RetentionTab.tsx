import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { size } from "@/shared/size";
import { Ago } from "@/shared/Time";
import type { Retention } from "../retention";
import { deleteRetention, isCountedOut, retentionKey, retentionQuery } from "../retention";
import { useAgeWords } from "../useAgeWords";
import { ArchivesPart } from "./ArchivesPart";
import { Question } from "./Question";
import { RetentionForm } from "./RetentionForm";
import type { TabProps } from "./SettingsPage";

/** What becomes of instances once they have ended, and where those lie that were moved out. */
export function RetentionTab({ project }: TabProps) {
  const { t } = useTranslation("settings");
  const { data: rule, error, refetch } = useQuery(retentionQuery(project));
  const [opened, setOpened] = useState<"form" | "default" | null>(null);
  const close = () => setOpened(null);
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Text size="sm" className="faint">
            {t("retention.hint")}
          </Text>
          {rule !== undefined && (
            <Group gap="xs">
              {!rule.is_default && (
                <Button variant="default" onClick={() => setOpened("default")}>
                  {t("retention.useDefault")}
                </Button>
              )}
              <Button
                leftSection={<Pencil size={14} aria-hidden />}
                onClick={() => setOpened("form")}
              >
                {t("retention.change")}
              </Button>
            </Group>
          )}
        </Group>
        {error !== null && <ProblemPanel error={error} onRetry={() => void refetch()} />}
        {rule === undefined && error === null && <Rows count={3} />}
        {rule !== undefined && <RuleCard rule={rule} />}
      </Stack>
      <ArchivesPart project={project} />
      {opened === "form" && rule !== undefined && (
        <RetentionForm project={project} rule={rule} onClose={close} />
      )}
      {opened === "default" && <DefaultQuestion project={project} onClose={close} />}
    </Stack>
  );
}

function RuleCard({ rule }: { readonly rule: Retention }) {
  const { t } = useTranslation("settings");
  const age = useAgeWords()(rule.after_seconds);
  return (
    <section className="card" aria-label={t("retention.rule")}>
      <Stack gap="sm" p="md">
        <div>
          <Text fw={550}>{t(`retention.holds.${rule.mode}`, { age })}</Text>
          <Text size="sm" className="faint">
            {rule.is_default ? (
              t("retention.isDefault")
            ) : (
              <>
                {t("retention.isOwn", { actor: rule.actor })} · <Ago at={rule.updated_at} />
              </>
            )}
          </Text>
        </div>
        <Due rule={rule} age={age} />
      </Stack>
    </section>
  );
}

/** How much the rule is about right now. */
function Due({ rule, age }: { readonly rule: Retention; readonly age: string }) {
  const { t, i18n } = useTranslation("settings");
  const { instances, oldest_ended_at: oldest, estimated_bytes: bytes } = rule.due;
  const number = new Intl.NumberFormat(i18n.language).format(instances);
  const name = rule.mode === "keep" ? t("retention.older", { age }) : t("retention.due");
  const words = isCountedOut(instances)
    ? t("retention.most", { number })
    : t("retention.instances", { count: instances, number });
  return (
    <Group gap="4px 32px" component="dl" m={0}>
      <Fact name={name}>{words}</Fact>
      {instances > 0 && (
        <>
          <Fact name={t("retention.oldest")}>
            <Ago at={oldest} />
          </Fact>
          <Fact name={t("retention.size")}>{size(bytes, i18n.language)}</Fact>
        </>
      )}
    </Group>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Stack gap={0}>
      <Text component="dt" size="xs" className="faint">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0} className="numbers">
        {children}
      </Text>
    </Stack>
  );
}

/** The question before a project's own rule goes. */
function DefaultQuestion({ project, onClose }: TabProps & { readonly onClose: () => void }) {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const deleting = useMutation({
    mutationFn: () => deleteRetention(project),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: retentionKey(project) }),
  });
  return (
    <Question
      title={t("retention.useDefault")}
      text={t("retention.useDefaultText")}
      go={t("retention.useDefaultGo")}
      error={deleting.error}
      isPending={deleting.isPending}
      onGo={() => deleting.mutate()}
      onClose={onClose}
    />
  );
}
