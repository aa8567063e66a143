import { Button, Stack, Text, Textarea } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { Check, LoaderCircle, ThumbsDown, ThumbsUp } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SchemaInstanceView, SchemaNodeView } from "@/api/schema";
import { LinkText } from "@/shared/links";
import { PageHead, Rows } from "@/shared/Page";
import { ProblemPanel } from "@/shared/ProblemPanel";
import { enterProject } from "@/shared/project";
import { StatusBadge } from "@/shared/StatusBadge";
import { Ago } from "@/shared/Time";
import type { Link } from "../live";
import { useRun } from "../live";
import { approvalOf } from "../logic/approval";
import type { Approval } from "../logic/approval";
import { nodesOf } from "../logic/changes";
import type { Request } from "../requests";
import { RequestsContext, isSettled, useAsking, useRequests } from "../requests";
import { JsonView } from "./JsonView";
import { RequestStrip } from "./RequestStrip";
import classes from "./run.module.css";

const ROUTE = "/inside/instances/$instance/approvals/$node";

/** One decision, for one hand: what is asked, by whom, and yes or no within reach of a thumb. */
export function ApprovalPage() {
  const { t } = useTranslation("run");
  const { instance, node: id } = useParams({ from: ROUTE });
  const { data, error, refetch, link } = useRun(instance);
  const requests = useRequests();
  const project = data?.project;
  useEffect(() => {
    if (project !== undefined) enterProject(project);
  }, [project]);
  if (data === undefined) {
    return error === null ? (
      <Rows />
    ) : (
      <ProblemPanel error={error} onRetry={() => void refetch()} />
    );
  }
  const node = nodesOf(data).get(id);
  return (
    <RequestsContext value={requests}>
      <div className={classes["approval"]} data-link={link}>
        <PageHead title={t("approval.title")} />
        {node === undefined ? (
          <Text>{t("approval.gone")}</Text>
        ) : (
          <Decision view={data} node={node} link={link} />
        )}
      </div>
      <RequestStrip />
    </RequestsContext>
  );
}

interface Props {
  readonly view: SchemaInstanceView;
  readonly node: SchemaNodeView;
  readonly link: Link;
}

function Decision({ view, node, link }: Props) {
  const { t } = useTranslation("run");
  const approval = approvalOf(node);
  return (
    <>
      <Text size="sm" className="faint">
        {t("approval.asks", { actor: view.actor, run: view.name })}
        {approval.since !== null && (
          <>
            {" · "}
            <Ago at={approval.since} />
          </>
        )}
      </Text>
      <div className={`card ${classes["question"] ?? ""}`}>
        <Text component="h2" fw={650} size="lg" m={0}>
          {node.name === "" ? node.node_id : node.name}
        </Text>
        <Text className={classes["message"] ?? ""}>
          {approval.message === "" ? t("approval.noMessage") : approval.message}
        </Text>
        {approval.approvers.length > 0 && (
          <Text size="sm">
            {t("approval.approvers")}: {approval.approvers.join(", ")}
          </Text>
        )}
        {approval.until !== null && (
          <Text size="sm">
            {t("wait.until")} <Ago at={approval.until} />
          </Text>
        )}
        {link === "reconnecting" && (
          <Text size="sm" role="status">
            {t("link.about.reconnecting")}
          </Text>
        )}
      </div>
      <About view={view} />
      <LinkText
        to="/instances/$instance"
        params={{ instance: view.instance_id }}
        search={{ node: node.node_id }}
      >
        {t("approval.whole")}
      </LinkText>
      <Answer view={view} node={node} approval={approval} />
    </>
  );
}

/** What the flow works on: as it was made of what was given, with what was left to it. */
function About({ view }: { readonly view: SchemaInstanceView }) {
  const { t } = useTranslation("run");
  const known = view.variables ?? view.inputs;
  if (Object.keys(known).length === 0) return null;
  return <JsonView title={t("approval.about")} value={known} />;
}

/** Where the answer is given, or what it was. */
function Answer({
  view,
  node,
  approval,
}: {
  readonly view: SchemaInstanceView;
  readonly node: SchemaNodeView;
  readonly approval: Approval;
}) {
  const { t } = useTranslation("run");
  const { all, askNode } = useAsking();
  const [comment, setComment] = useState("");
  const sent = all.findLast((one) => one.node === node.node_id && !isOver(one));
  const decide = (verb: "approve" | "reject") =>
    askNode(view.instance_id, node.node_id, { verb, comment });
  if (approval.decision !== null) return <Said approval={approval} node={node} />;
  if (sent !== undefined) {
    return (
      <Text className={classes["sent"] ?? ""} role="status">
        <LoaderCircle size={18} aria-hidden /> {t("approval.sent")}
      </Text>
    );
  }
  if (!node.allowed.includes("approve")) {
    return (
      <Stack gap="xs">
        <Text>{t("approval.notWaiting")}</Text>
        <div>
          <StatusBadge status={node.status} />
        </div>
      </Stack>
    );
  }
  return (
    <>
      <Textarea
        label={t("approval.comment")}
        autosize
        minRows={2}
        maxRows={6}
        size="md"
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <div className={classes["thumbs"]}>
        <Button
          size="lg"
          color="red"
          variant="outline"
          leftSection={<ThumbsDown size={18} aria-hidden />}
          onClick={() => decide("reject")}
        >
          {t("do.reject")}
        </Button>
        <Button
          size="lg"
          leftSection={<ThumbsUp size={18} aria-hidden />}
          onClick={() => decide("approve")}
        >
          {t("do.approve")}
        </Button>
      </div>
    </>
  );
}

/** What was refused may be asked for again; what was done shows by itself. */
function isOver(request: Request): boolean {
  return isSettled(request) && request.state !== "applied";
}

function Said({ approval, node }: { readonly approval: Approval; readonly node: SchemaNodeView }) {
  const { t } = useTranslation("run");
  const { decision } = approval;
  if (decision === null) return null;
  const Icon = decision.isApproved ? ThumbsUp : ThumbsDown;
  return (
    <div className={classes["said"]} role="status" data-approved={decision.isApproved}>
      <Icon size={26} aria-hidden />
      <div>
        <Text fw={650} size="lg">
          {t(decision.isApproved ? "approval.approved" : "approval.rejected")}
        </Text>
        <Text size="sm">
          {decision.actor !== "" && t("approval.by", { actor: decision.actor })}{" "}
          <Check size={13} aria-hidden /> {t("approval.confirmed")}
        </Text>
        {decision.comment !== "" && <Text size="sm">“{decision.comment}”</Text>}
        {node.failure !== null && <Text size="sm">{node.failure.message}</Text>}
        <StatusBadge status={node.status} />
      </div>
    </div>
  );
}
