import { Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkText } from "@/shared/links";
import { useNodeName } from "@/shared/nodeNames";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import type { WaitingNode } from "@/shared/waiting";
import { Acts } from "./Acts";
import classes from "./waiting.module.css";

interface Props {
  readonly project: string;
  readonly node: WaitingNode;
  /** Whether it no longer waits: somebody else was quicker, or its time was over. */
  readonly isGone: boolean;
  /** Called once something was done about it that took effect. */
  readonly onDone: () => void;
}

/** One node that waits for a person: what it asks or what went wrong, and what can be done. */
export function WaitingCard({ project, node, isGone, onDone }: Props) {
  const { t } = useTranslation(["waiting", "shared"]);
  const nodeName = useNodeName();
  // A wait is called by its node, or by the instance where that failed as a whole.
  const name = node.node_id === null ? node.instance_name : nodeName(node.node_id, node.node_name);
  return (
    <li className={`card ${classes["item"] ?? ""}`} data-gone={isGone} aria-label={name}>
      <Group gap="xs" wrap="nowrap" align="start">
        <StatusBadge status={node.kind === "approval" ? "waiting" : "failed"} />
        <div className={classes["what"]}>
          <Text fw={600} component="h2" fz="md" m={0} className={classes["break"] ?? ""}>
            {name}
          </Text>
          <Text size="sm" className={classes["break"] ?? ""}>
            <Link
              to="/instances/$instance"
              params={{ instance: node.instance_id }}
              className={classes["instance"]}
            >
              {node.instance_name}
            </Link>
          </Text>
        </div>
      </Group>
      <Matter node={node} />
      <Facts project={project} node={node} />
      {isGone && (
        <Text size="sm" role="status">
          {t("gone")}
        </Text>
      )}
      <Acts node={node} name={name} isGone={isGone} onDone={onDone} />
    </li>
  );
}

/** What is asked, or what went wrong. */
function Matter({ node }: { readonly node: WaitingNode }) {
  const { t } = useTranslation("waiting");
  if (node.failure !== null) {
    return (
      <div className={classes["failure"]}>
        <span className="code">{node.failure.code}</span>
        <Text size="sm" className={classes["words"] ?? ""}>
          {node.failure.message}
        </Text>
      </div>
    );
  }
  return (
    <Text size="sm" className={classes["words"] ?? ""}>
      {node.message === "" ? <span className="faint">{t("noMessage")}</span> : node.message}
    </Text>
  );
}

function Facts({ project, node }: Pick<Props, "project" | "node">) {
  const { t } = useTranslation(["waiting", "shared"]);
  const template = node.template.includes("/") ? node.template_id : node.template;
  return (
    <Group gap="xs" style={{ rowGap: 2 }} wrap="wrap" fz="xs" className="faint">
      <span>
        <Ago at={node.since_at} />
      </span>
      <LinkText
        to="/projects/$project/templates/$template"
        params={{ project, template }}
        className="link"
        size="xs"
      >
        {node.template_title === "" ? node.template : node.template_title}
      </LinkText>
      <span>{t("startedBy", { actor: node.actor })}</span>
      {node.approvers.length > 0 && (
        <span data-yours={node.is_for_you} className={classes["approvers"]}>
          {t("approvers", { names: node.approvers.join(", ") })}
        </span>
      )}
      {node.until_at !== null && (
        <strong>
          {t("deadline")} <Ago at={node.until_at} />
        </strong>
      )}
      {node.attempt !== null && node.attempt > 1 && (
        <span>{t("attempt", { number: node.attempt })}</span>
      )}
      {node.is_mock && <span>{t("mock")}</span>}
      {node.plugin !== null && node.kind === "failure" && (
        <span className="code">{node.plugin}</span>
      )}
    </Group>
  );
}
