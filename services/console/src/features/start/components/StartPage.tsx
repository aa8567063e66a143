import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { FlaskConical, Play } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemError } from "@/api/problem";
import type { SchemaTemplateView, SchemaVersionView } from "@/api/schema";
import { InputsForm } from "@/shared/forms/InputsForm";
import { fittingValues } from "@/shared/forms/inputValues";
import { secretsQuery, versionQuery } from "@/shared/forms/queries";
import type { JsonObject } from "@/shared/forms/types";
import { problemsBelow } from "@/shared/forms/types";
import { LinkText } from "@/shared/links";
import { Nothing, PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import type { Part, Place } from "../api";
import { checkQuery, planQuery, startInstance, templateQuery } from "../api";
import { labelsOf, schemesOf, shownFaults, WriteKey } from "../plan";
import { DryRun } from "./DryRun";
import { PlanChoice } from "./PlanChoice";
import { Presets } from "./Presets";
import { RunFields } from "./RunFields";
import classes from "./start.module.css";

/** How long somebody may pause in a word before it is checked. */
const PAUSE_MS = 250;

/** Everything that is to be said before a template runs. */
export function StartPage() {
  const { t } = useTranslation("start");
  const place = useParams({ from: "/inside/projects/$project/templates/$template/start" });
  const template = useQuery(templateQuery(place));
  const number = template.data?.latest_version ?? null;
  const version = useQuery({
    ...versionQuery(place.project, place.template, number ?? 1),
    enabled: number !== null,
  });
  const failed = template.error ?? version.error;
  if (failed !== null) {
    return (
      <ProblemPanel
        error={failed}
        onRetry={() => {
          void template.refetch();
          if (number !== null) void version.refetch();
        }}
      />
    );
  }
  if (template.data !== undefined && number === null) {
    return (
      <Stack>
        <PageHead title={t("title", { title: titleOf(template.data) })} />
        <Nothing title={t("unpublished")} />
      </Stack>
    );
  }
  if (template.data === undefined || version.data === undefined) return <Rows />;
  return (
    <Start
      key={`${place.project}/${place.template}`}
      place={place}
      template={template.data}
      version={version.data}
    />
  );
}

function titleOf(template: SchemaTemplateView): string {
  return template.title === "" ? template.key : template.title;
}

interface Props {
  readonly place: Place;
  readonly template: SchemaTemplateView;
  readonly version: SchemaVersionView;
}

const NO_VALUES: JsonObject = {};

function Start({ place, template, version }: Props) {
  const { t } = useTranslation("start");
  const navigate = useNavigate();
  const schemes = useMemo(() => schemesOf(version.document as JsonObject), [version]);
  const [values, setValues] = useState(NO_VALUES);
  const [part, setPart] = useState<Part>(() => ({
    schemes: schemes.filter((one) => one.isDefault).map((one) => one.name),
    excluded: [],
  }));
  const [run, setRun] = useState({ name: "", labels: [] as string[] });
  const [isAsked, setAsked] = useState(false);
  const [isDry, setDry] = useState(false);
  const [key] = useState(() => new WriteKey());
  const [settled] = useDebouncedValue(values, PAUSE_MS);
  const plan = useQuery(planQuery(place, version.number, part));
  const check = useQuery(checkQuery(place, version.number, part, settled));
  const secrets = useQuery(secretsQuery(template.project)).data ?? [];
  const fields = check.data?.form ?? version.form;
  const hidden = useMemo(() => new Set(check.data?.hidden), [check.data]);
  const given = () =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !hidden.has(name)));
  const start = useMutation({
    mutationFn: () => {
      const wanted = {
        template: place.template,
        version: version.number,
        name: run.name === "" ? null : run.name,
        inputs: given() as never,
        schemes: [...part.schemes],
        excluded: [...part.excluded],
        labels: labelsOf(run.labels),
        links: [],
        start: true,
      };
      return startInstance(place.project, wanted, key.of(wanted));
    },
    onSuccess: ({ instance_id: instance }) =>
      navigate({ to: "/instances/$instance", params: { instance } }),
    onError: (error) => {
      setAsked(true);
      if (error instanceof ProblemError) key.renew();
    },
  });
  const faults = shownFaults(check.data?.problems ?? [], isAsked);
  const refused = start.error instanceof ProblemError && start.error.code === "invalid_inputs";
  const problems = problemsBelow(faults, "body", "inputs");
  const takeOver = (found: JsonObject) => setValues(fittingValues(version.form, found));
  const asks = fields.some((field) => field.show);
  return (
    <Stack gap="lg" maw={1240}>
      <PageHead
        title={t("title", { title: titleOf(template) })}
        below={
          <Group gap="sm">
            <LinkText to="/projects/$project/templates/$template" params={{ ...place }}>
              {t("toTemplate")}
            </LinkText>
            <Text size="sm" className="faint numbers">
              {t("version", { number: version.number })}
            </Text>
          </Group>
        }
      >
        <Presets
          place={place}
          template={template}
          values={values}
          hasInputs={asks}
          onTakeOver={takeOver}
        />
      </PageHead>
      <div className={classes["columns"]}>
        <Stack gap="md" component="section" aria-label={t("inputs")} className={classes["main"]}>
          {asks ? (
            <InputsForm
              fields={fields}
              values={values}
              hidden={hidden}
              problems={problems}
              secrets={secrets}
              onChange={setValues}
            />
          ) : (
            <Text size="sm" className="faint">
              {t("noInputs")}
            </Text>
          )}
          {check.error !== null && (
            <ProblemPanel error={check.error} onRetry={() => void check.refetch()} />
          )}
        </Stack>
        <Stack gap="lg" className={classes["side"]}>
          <PlanChoice
            schemes={schemes}
            part={part}
            plan={plan.data}
            error={plan.error}
            document={version.document as JsonObject}
            onChange={setPart}
          />
          <RunFields title={titleOf(template)} value={run} onChange={setRun} />
        </Stack>
      </div>
      {start.error !== null && !refused && <ProblemPanel error={start.error} />}
      {refused && (
        <Text role="alert" size="sm" c="var(--bad-text)">
          {t("refused", { count: problems.length })}
        </Text>
      )}
      <div className={classes["bar"]}>
        <Button
          size="sm"
          leftSection={<Play size={15} aria-hidden />}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {t("start")}
        </Button>
        <Button
          size="sm"
          variant="default"
          leftSection={<FlaskConical size={15} aria-hidden />}
          onClick={() => setDry(true)}
        >
          {t("dry.open")}
        </Button>
      </div>
      <DryRun
        opened={isDry}
        onClose={() => setDry(false)}
        place={place}
        version={version.number}
        graph={plan.data?.graph as JsonObject | undefined}
        hasExcluded={part.excluded.length > 0}
        wanted={() => ({
          inputs: given(),
          schemes: part.schemes,
          name: run.name === "" ? null : run.name,
        })}
        onRefused={() => {
          setAsked(true);
          setDry(false);
        }}
      />
    </Stack>
  );
}
