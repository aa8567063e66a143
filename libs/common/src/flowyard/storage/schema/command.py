"""Table ``command``: what people and parents asked for; audit record and inbox in one."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

command = Table(
    "command",
    METADATA,
    Column("command_id", BigInteger, Identity(always=True), primary_key=True),
    Column("instance_id", UUID, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("node_id", Text),
    Column("payload", JSON, nullable=False, server_default="{}"),
    Column("actor", Text, nullable=False),
    Column("traceparent", Text, comment="Of the request, where its trace is recorded."),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("outcome", Text, comment="applied or rejected; NULL while open."),
    Column("code", Text, comment="Why it was rejected."),
    Column("message", Text),
    Column("settled_at", INSTANT),
    CheckConstraint("outcome IN ('applied', 'rejected')", name="outcome"),
    CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_at"),
    Index(
        "command_open_idx",
        "partition",
        "instance_id",
        "command_id",
        postgresql_where=text("outcome IS NULL"),
    ),
    Index("command_instance_idx", "instance_id", "command_id"),
)
"""One row per command."""
