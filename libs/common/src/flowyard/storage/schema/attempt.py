"""Table ``attempt``: every attempt of every node, with the plugin gateway's claim."""

from sqlalchemy import Column, Index, Integer, Table, Text, text

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

attempt = Table(
    "attempt",
    METADATA,
    Column("instance_id", UUID, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("queue", Text, comment="Where its steps are dispatched; NULL for a subflow's."),
    Column("inputs", JSON, comment="Rendered; secrets are references."),
    Column("state", JSON, comment="What the plugin keeps between steps, sealed."),
    Column("resume", JSON, comment="{kind, data} that ended the last wait."),
    Column("outputs", JSON),
    Column("failure", JSON, comment="{code, message}"),
    Column("wait_until", INSTANT, comment="When the present wait ends by itself."),
    Column("actor", Text, comment="Who it acts as, if set."),
    Column("visit", Integer, nullable=False, server_default="0", comment="Of its node."),
    Column("trace", JSON, comment="{traceparent, links} of its span, where that is recorded."),
    Column("opened_at", INSTANT, nullable=False),
    Column("started_at", INSTANT),
    Column("closed_at", INSTANT),
    Column("dispatched_step", Integer, comment="Highest step known to be published."),
    Column("dispatched_at", INSTANT),
    Column("runner", UUID, comment="Gateway process that claimed the step."),
    Column("claimed_step", Integer),
    Column("claimed_at", INSTANT),
    Column("outcome", JSON, comment="The claimed step's result, or {unknown: true}."),
    Column("outcome_step", Integer, comment="Which step the outcome belongs to."),
    Column("late_outcome", JSON, comment="A result that came after the claim was given up."),
    Column("cancel_requested_at", INSTANT, comment="When it was closed from outside."),
    Column("cancel_confirmed_at", INSTANT, comment="When nothing of it went on any more."),
    Column("cancel_tries", Integer, comment="How often its plugin was asked to stop."),
    Column("cancel_retry_at", INSTANT, comment="When its plugin may be asked again."),
    Index(
        "attempt_cancel_idx",
        "cancel_requested_at",
        postgresql_where=text("cancel_requested_at IS NOT NULL AND cancel_confirmed_at IS NULL"),
    ),
    postgresql_with={"fillfactor": "70"},
)
"""One row per attempt.

The scheduler writes the columns up to ``dispatched_at`` and ``cancel_requested_at``,
the plugin gateway the others from ``runner`` on; neither touches the other's, but that
the gateway clears ``state`` once a cancellation is confirmed. No column that changes in
the life of most attempts is indexed, so that those updates stay within their page.
"""
