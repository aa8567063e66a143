import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
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
import { unread } from "@/shared/unread";
import type { Part, Place } from "../api";
import { checkQuery, planQuery, startInstance, templateQuery } from "../api";
import type { Scheme } from "../plan";
import { labelsOf, schemesOf, shownFaults, WriteKey } from "../plan";
import { versionOf } from "../search";
import { DryRun } from "./DryRun";
import { PlanChoice } from "./PlanChoice";
import { Presets } from "./Presets";
import { PLAIN_RUN, RunFields } from "./RunFields";
import { VersionChoice } from "./VersionChoice";
import classes from "./start.module.css";

/** How long somebody may pause in a word before it is checked. */
const PAUSE_MS = 250;

/** Everything that is to be said before a template runs. */
export function StartPage() {
  const { project, template } = useParams({
    from: "/inside/projects/$project/templates/$template/start",
  });
  return <Loaded key={`${project}/${template}`} place={{ project, template }} />;
}

function Loaded({ place }: { readonly place: Place }) {
  const { t } = useTranslation("start");
  const search = useSearch({ from: "/inside/projects/$project/templates/$template/start" });
  const template = useQuery(templateQuery(place));
  const latest = template.data?.latest_version ?? null;
  const number = versionOf(search, latest);
  const version = useQuery({
    ...versionQuery(place.project, place.template, number ?? 1),
    enabled: number !== null,
    placeholderData: keepPreviousData,
  });
  const failed = unread(template, version);
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
  // What has just been published is not known yet where the template was read before.
  const isNews = search.version !== undefined && search.version > (latest ?? 0);
  if (template.data === undefined || version.data === undefined) return <Rows />;
  if (isNews && template.isFetching && !template.isFetchedAfterMount) return <Rows />;
  return (
    <Start
      place={place}
      template={template.data}
      version={version.data}
      isSettled={!version.isPlaceholderData}
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
  /** Whether the version is the one that is asked for, no more the one before. */
  readonly isSettled: boolean;
}

const NO_VALUES: JsonObject = {};

function usualPart(schemes: readonly Scheme[]): Part {
  return {
    schemes: schemes.filter((one) => one.isDefault).map((one) => one.name),
    excluded: [],
  };
}

function Start({ place, template, version, isSettled }: Props) {
  const { t } = useTranslation("start");
  const navigate = useNavigate();
  const schemes = useMemo(() => schemesOf(version.document as JsonObject), [version]);
  const [values, setValues] = useState(NO_VALUES);
  const [part, setPart] = useState(() => usualPart(schemes));
  const [run, setRun] = useState(PLAIN_RUN);
  const [shown, setShown] = useState(version.number);
  if (shown !== version.number) {
    // Another version: what has been filled in stays as far as it is asked for there.
    setShown(version.number);
    setPart(usualPart(schemes));
    setValues(fittingValues(version.form, values));
  }
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
        priority: run.priority,
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
  const choose = (number: number) =>
    void navigate({
      to: "/projects/$project/templates/$template/start",
      params: { ...place },
      search: number === template.latest_version ? {} : { version: number },
    });
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
            <VersionChoice
              place={place}
              latest={template.latest_version ?? version.number}
              number={version.number}
              onChoose={choose}
            />
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
        <div className={classes["main"]}>
          <Stack gap="md" component="section" aria-label={t("inputs")}>
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
          <RunFields title={titleOf(template)} value={run} onChange={setRun} />
        </div>
        <div className={classes["side"]}>
          <PlanChoice
            schemes={schemes}
            part={part}
            plan={plan.data}
            error={plan.error}
            document={version.document as JsonObject}
            onChange={setPart}
          />
        </div>
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
          loading={start.isPending || !isSettled}
          onClick={() => start.mutate()}
        >
          {t("start")}
        </Button>
        <Button
          size="sm"
          variant="default"
          leftSection={<FlaskConical size={15} aria-hidden />}
          disabled={!isSettled}
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
        wanted={() => ({
          inputs: given(),
          part,
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
