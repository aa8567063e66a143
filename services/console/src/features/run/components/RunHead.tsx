import { Alert, Anchor, Badge, Group, Stack, Text, Tooltip } from "@mantine/core";
import {
  Archive,
  CircleCheck,
  LoaderCircle,
  Radio,
  TriangleAlert,
  Undo2,
  WifiOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaInstanceView } from "@/api/schema";
import { LinkText } from "@/shared/links";
import { PageHead } from "@/shared/Page";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago, Took } from "@/shared/Time";
import type { Link } from "../live";
import { useRunState } from "./context";
import { HoldNote } from "./HoldNote";
import { RunActions } from "./RunActions";
import { Wanted } from "./Wanted";
import classes from "./run.module.css";

/** What the run is, how it stands, and what can be done to it as a whole. */
export function RunHead({ link }: { readonly link: Link }) {
  const { t } = useTranslation("run");
  const { view } = useRunState();
  return (
    <>
      <PageHead title={view.name} below={<Facts view={view} />}>
        <LinkState link={view.archived_at === null ? link : "archived"} />
        <StatusBadge status={view.status} />
        <RunActions />
      </PageHead>
      {view.phase === "rollback" && view.ended_at === null && (
        <Alert
          mb="sm"
          color="yellow"
          icon={<Undo2 size={18} aria-hidden />}
          title={t("rollback")}
        />
      )}
      {view.failure !== null && (
        <Alert
          className="alarm"
          color="red"
          mb="sm"
          icon={<TriangleAlert size={18} aria-hidden />}
          title={view.failure.code}
        >
          {view.failure.message}
        </Alert>
      )}
      <HoldNote />
      <Wanted />
    </>
  );
}

const LINK_ICONS = {
  connecting: LoaderCircle,
  live: Radio,
  reconnecting: WifiOff,
  ended: CircleCheck,
  archived: Archive,
} as const;

/** Whether what is shown is what is; of a run that was archived, that alone counts. */
function LinkState({ link }: { readonly link: Link | "archived" }) {
  const { t } = useTranslation("run");
  const Icon = LINK_ICONS[link];
  return (
    <Tooltip label={t(`link.about.${link}`)} maw={280}>
      <span role="status" className={classes["link"]} data-link={link} tabIndex={0}>
        <Icon size={13} aria-hidden />
        {t(`link.${link}`)}
      </span>
    </Tooltip>
  );
}

function Facts({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation("run");
  return (
    <Group gap="4px 24px" wrap="wrap" component="dl" m={0}>
      <Fact name={t("fact.template")}>
        <TemplateFact view={view} />
      </Fact>
      <Fact name={t("fact.actor")}>{view.actor}</Fact>
      <Fact name={t("fact.created")}>
        <Ago at={view.created_at} />
      </Fact>
      <Fact name={t("fact.took")}>
        <Took from={view.started_at} to={view.ended_at} />
      </Fact>
      {view.archived_at !== null && (
        <Fact name={t("fact.archived")}>
          <Ago at={view.archived_at} />
        </Fact>
      )}
      <Fact name={t("fact.priority")}>
        <span className="numbers">{view.priority}</span>
      </Fact>
      <Relatives view={view} />
      {view.schemes.length > 0 && <Fact name={t("fact.schemes")}>{view.schemes.join(", ")}</Fact>}
      {Object.keys(view.labels).length > 0 && (
        <Fact name={t("fact.labels")}>
          <Group gap={4}>
            {Object.entries(view.labels).map(([name, value]) => (
              <Badge key={name} variant="default" size="sm" tt="none">
                {name}:{value}
              </Badge>
            ))}
          </Group>
        </Fact>
      )}
      {view.links.length > 0 && (
        <Fact name={t("fact.links")}>
          <Group gap="xs">
            {view.links.map((link) => (
              <Anchor key={link.url} size="sm" href={link.url} target="_blank" rel="noreferrer">
                {link.title === "" ? link.url : link.title}
              </Anchor>
            ))}
          </Group>
        </Fact>
      )}
      {view.trace_url !== null && (
        <Fact name={t("fact.trace")}>
          <Anchor size="sm" href={view.trace_url} target="_blank" rel="noreferrer">
            {view.trace_id?.slice(0, 8)}
          </Anchor>
        </Fact>
      )}
    </Group>
  );
}

function TemplateFact({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation(["run", "shared"]);
  const template = view.template.includes("/") ? view.template_id : view.template;
  return (
    <>
      <LinkText
        to="/projects/$project/templates/$template"
        params={{ project: view.project, template }}
      >
        {view.template_title === "" ? view.template : view.template_title}
      </LinkText>{" "}
      <span className="numbers">
        {view.version < 0 ? t("trial") : t("shared:version", { number: view.version })}
      </span>
      {view.is_mock && (
        <Badge ml={6} variant="default" size="sm" tt="none">
          {t("mocked")}
        </Badge>
      )}
    </>
  );
}

/** What it is part of, what it copies, and what copies it. */
function Relatives({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation("run");
  const { parent, origin, copies } = view;
  return (
    <>
      {parent !== null && (
        <Fact name={t("fact.parent")}>
          <LinkText
            to="/instances/$instance"
            params={{ instance: parent.instance_id }}
            search={{ node: parent.node_id }}
          >
            {parent.node_id}
          </LinkText>
        </Fact>
      )}
      {origin !== null && (
        <Fact name={t(origin.kind === "rerun" ? "fact.rerun" : "fact.clone")}>
          <LinkText to="/instances/$instance" params={{ instance: origin.instance_id }}>
            {origin.instance_id.slice(0, 8)}
          </LinkText>
        </Fact>
      )}
      {copies.length > 0 && (
        <Fact name={t("fact.copies")}>
          <Group gap={6}>
            {copies.slice(0, MOST_COPIES).map((copy) => (
              <LinkText
                key={copy.instance_id}
                to="/instances/$instance"
                params={{ instance: copy.instance_id }}
              >
                {t(copy.kind === "rerun" ? "fact.rerun" : "fact.clone")}{" "}
                <StatusBadge status={copy.status} bare />
              </LinkText>
            ))}
          </Group>
        </Fact>
      )}
    </>
  );
}

const MOST_COPIES = 5;

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Stack gap={0}>
      <Text component="dt" size="xs" className="faint">
        {name}
      </Text>
      <Text component="dd" size="sm" m={0}>
        {children}
      </Text>
    </Stack>
  );
}
