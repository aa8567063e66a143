"""Table ``node``: the reached nodes of every instance."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

node = Table(
    "node",
    METADATA,
    Column("instance_id", UUID, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False, comment="Its instance's."),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False, comment="Of its instance, at its last change."),
    Column("visits", Integer, nullable=False),
    Column("reason", Text, comment="Why it does not go on by itself right now."),
    Column("check_at", INSTANT, comment="When the reason must be looked at again."),
    Column("arrived", Integer, nullable=False, server_default="0"),
    Column("expected", Integer, nullable=False, server_default="0"),
    Column("number", Integer, comment="Of its latest attempt."),
    Column("outputs", JSON, comment="Of its last success."),
    Column("failure", JSON, comment="{code, message}"),
    Column("reached_at", INSTANT, nullable=False),
    Column("ended_at", INSTANT),
    Column("mark", Text, comment="What is peculiar about its end."),
    Column("retries", Integer, nullable=False, server_default="0"),
    Column("resume_at", INSTANT, comment="Next automatic attempt."),
    Column("deadline_at", INSTANT, comment="Of its present attempt."),
    Column("since", INSTANT, comment="When its present wait began."),
    Column("variables", JSON, comment="Of an inline subflow."),
    CheckConstraint(
        "status IN ('ready', 'running', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled')",
        name="status",
    ),
    CheckConstraint(
        "(reason IS NOT NULL) = (status IN ('ready', 'running', 'waiting', 'failed'))",
        name="reason",
    ),
    CheckConstraint("(reason IS NOT NULL) = (check_at IS NOT NULL)", name="check_at"),
    Index(
        "node_check_idx",
        "check_at",
        "partition",
        postgresql_where=text("reason IS NOT NULL"),
    ),
    # Always empty, as the constraint above says; it lets a detector look without a scan.
    Index(
        "node_reasonless_idx",
        "partition",
        postgresql_where=text(
            "reason IS NULL AND status IN ('ready', 'running', 'waiting', 'failed')"
        ),
    ),
    Index(
        "node_waiting_idx",
        text("coalesce(ended_at, reached_at)"),
        "instance_id",
        "node_id",
        postgresql_where=text(
            "reason = 'approval' OR reason = 'incident'"
            " AND (node_id NOT LIKE '%:%' OR node_id LIKE '%\\:rollback')"
        ),
    ),
    postgresql_with={"fillfactor": "80"},
)
"""One row per reached node; written by the scheduler alone.

It has no foreign key to its instance: the scheduler writes it in the statement
that holds the instance's row, and a lookup per row would double its cost.
"""
