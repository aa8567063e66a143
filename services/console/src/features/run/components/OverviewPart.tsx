import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LinkButton, LinkText } from "@/shared/links";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago, Took } from "@/shared/Time";
import type { Found } from "../logic/found";
import { instanceOf } from "../logic/found";
import type { Kind } from "../logic/graph";
import { satellitesOf } from "../logic/items";
import { placeOf } from "../logic/layers";
import { useRunState } from "./context";
import { JsonView } from "./JsonView";
import classes from "./run.module.css";

/** What a node is and how it stands, in short. */
export function OverviewPart({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { node, vertex, layer } = found;
  const kind = (node?.kind ?? vertex?.kind ?? "activity") as Kind;
  const subflow = node?.subflow ?? vertex?.subflow?.template ?? null;
  const plugin = node?.plugin ?? vertex?.plugin ?? null;
  const child = node?.attempts.at(-1)?.child ?? null;
  return (
    <Stack gap="sm">
      <dl className={classes["facts"]}>
        <Fact name={t("panel.kind")}>{t(`kind.${kind}`)}</Fact>
        {plugin !== null && <Fact name={t("panel.plugin")}>{plugin}</Fact>}
        {subflow !== null && <Fact name={t("panel.subflow")}>{subflow}</Fact>}
        {typeof node?.reached_at === "string" && (
          <>
            <Fact name={t("panel.reached")}>
              <Ago at={node.reached_at} />
            </Fact>
            <Fact name={t("fact.took")}>
              <Took from={node.reached_at} to={node.ended_at} />
            </Fact>
          </>
        )}
        {node !== null && node.visits > 1 && (
          <Fact name={t("panel.visits")}>{t("panel.times", { count: node.visits })}</Fact>
        )}
      </dl>
      {child !== null && (
        <LinkButton to="/instances/$instance" params={{ instance: child.instance_id }}>
          {t("panel.asRun")} <StatusBadge status={child.status} bare />
        </LinkButton>
      )}
      {node?.reason === "approval" && instanceOf(found) !== null && (
        <LinkText
          to="/instances/$instance/approvals/$node"
          params={{ instance: instanceOf(found) ?? "", node: node.node_id }}
        >
          {t("panel.approve")}
        </LinkText>
      )}
      <Values title={t("panel.outputs")} value={node?.outputs ?? null} />
      <Values title={t("panel.variables")} value={node?.variables ?? null} />
      {layer.run !== null && node !== null && <OnBehalf found={found} />}
    </Stack>
  );
}

/** What else runs for a node: what undoes it, and what tells of its deadline. */
function OnBehalf({ found }: { readonly found: Found }) {
  const { t } = useTranslation("run");
  const { go } = useRunState();
  const { layer, id } = found;
  if (layer.run === null) return null;
  const others = satellitesOf(layer.run.instance, id).filter((one) => !/:\d+$/.test(one.node_id));
  if (others.length === 0) return null;
  return (
    <section>
      <Text size="xs" fw={600} component="h3" m={0} mb={4}>
        {t("panel.onBehalf")}
      </Text>
      <Stack gap={4}>
        {others.map((one) => (
          <button
            key={one.node_id}
            type="button"
            className={classes["lineButton"]}
            onClick={() => go({ node: placeOf(layer.at, one.node_id), attempt: null })}
          >
            <StatusBadge status={one.status} bare />
            {t(one.node_id.endsWith(":rollback") ? "panel.undo" : "panel.notice")}
            <span className="faint code">{one.node_id}</span>
          </button>
        ))}
      </Stack>
    </section>
  );
}

function Values({
  title,
  value,
}: {
  readonly title: string;
  readonly value: Readonly<Record<string, unknown>> | null;
}) {
  return value === null ? null : <JsonView title={title} value={value} />;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
