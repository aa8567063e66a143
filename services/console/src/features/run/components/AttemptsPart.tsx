import { Alert, Select, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaAttemptView } from "@/api/schema";
import { LinkText } from "@/shared/links";
import { isStatus } from "@/shared/status";
import { StatusBadge } from "@/shared/StatusBadge";
import { exact } from "@/shared/time";
import { Took } from "@/shared/Time";
import type { Found } from "../logic/found";
import { useRunState } from "./context";
import { JsonView } from "./JsonView";
import classes from "./run.module.css";

/** Return the attempt that an address names, else the last one. */
export function chosenAttempt(found: Found, number: number | undefined): SchemaAttemptView | null {
  const attempts = found.node?.attempts ?? [];
  return attempts.find((one) => one.number === number) ?? attempts.at(-1) ?? null;
}

/** Which attempt is looked at; nothing where there is one only. */
export function AttemptChoice({ found }: { readonly found: Found }) {
  const { t } = useTranslation(["run", "shared"]);
  const { search, go } = useRunState();
  const attempts = found.node?.attempts ?? [];
  const chosen = chosenAttempt(found, search.attempt);
  if (chosen === null || attempts.length < 2) return null;
  return (
    <Select
      label={t("attempt.which")}
      data={attempts.toReversed().map(({ number, status }) => ({
        value: String(number),
        label: `${number} · ${isStatus(status) ? t(`shared:status.${status}`) : status}`,
      }))}
      value={String(chosen.number)}
      allowDeselect={false}
      onChange={(value) => go({ attempt: Number(value) })}
    />
  );
}

/** What an attempt was given, what it left, and where its time went. */
export function AttemptsPart({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { search } = useRunState();
  const attempt = chosenAttempt(found, search.attempt);
  if (attempt === null) return <Text size="sm">{t("attempt.none")}</Text>;
  return (
    <Stack gap="sm">
      <AttemptChoice found={found} />
      <div>
        <StatusBadge status={attempt.status} />{" "}
        <Text size="xs" className="faint" component="span">
          <Took from={attempt.opened_at} to={attempt.closed_at} />
        </Text>
      </div>
      {attempt.failure !== null && (
        <Alert className="alarm" color="red" py="xs" title={attempt.failure.code}>
          <Text size="sm" className={classes["failure"] ?? ""}>
            {attempt.failure.message}
          </Text>
        </Alert>
      )}
      <Stops attempt={attempt} />
      <JsonView title={t("attempt.inputs")} value={attempt.inputs} />
      <JsonView title={t("attempt.outputs")} value={attempt.outputs} />
      <Times attempt={attempt} />
    </Stack>
  );
}

/** What was asked of a plugin that had to stop is one thing, that it has stopped another. */
function Stops({ attempt }: { readonly attempt: SchemaAttemptView }) {
  const { t } = useTranslation("run");
  return (
    <>
      {attempt.cancel_requested_at !== null && (
        <Text size="sm">
          {t(attempt.cancel_confirmed_at === null ? "attempt.stopAsked" : "attempt.stopped")}
        </Text>
      )}
      {attempt.has_late_outcome && <Text size="sm">{t("attempt.late")}</Text>}
    </>
  );
}

function Times({ attempt }: { readonly attempt: SchemaAttemptView }) {
  const { t } = useTranslation("run");
  const { claim, child } = attempt;
  return (
    <dl className={classes["facts"]}>
      <At name={t("attempt.opened")} at={attempt.opened_at} />
      <At name={t("attempt.dispatched")} at={attempt.dispatched_at} />
      <At name={t("attempt.started")} at={attempt.started_at} />
      <At name={t("attempt.waitUntil")} at={attempt.wait_until} />
      <At name={t("attempt.closed")} at={attempt.closed_at} />
      <Fact name={t("attempt.visit")}>{attempt.visit}</Fact>
      <Fact name={t("attempt.step")}>{attempt.step}</Fact>
      {attempt.actor !== null && <Fact name={t("panel.runsAs")}>{attempt.actor}</Fact>}
      {claim !== null && (
        <Fact name={t("attempt.claim")}>
          {t("attempt.claimAt", { runner: claim.runner.slice(0, 8), step: claim.step })},{" "}
          {t(CLAIMS[claim.outcome])}
        </Fact>
      )}
      {child !== null && (
        <Fact name={t("panel.subflow")}>
          <LinkText to="/instances/$instance" params={{ instance: child.instance_id }}>
            {child.instance_id.slice(0, 8)}
          </LinkText>
        </Fact>
      )}
      <Fact name={t("attempt.id")}>
        <span className="code">{attempt.attempt_id}</span>
      </Fact>
    </dl>
  );
}

const CLAIMS = {
  open: "attempt.claimOpen",
  known: "attempt.claimKnown",
  unknown: "attempt.claimUnknown",
} as const;

function At({ name, at }: { readonly name: string; readonly at: string | null }) {
  const { i18n } = useTranslation();
  if (at === null) return null;
  return (
    <Fact name={name}>
      <time dateTime={at}>{exact(new Date(at), i18n.language)}</time>
    </Fact>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
