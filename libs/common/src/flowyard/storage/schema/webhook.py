"""Table ``webhook``: who outside is told what happens."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

webhook = Table(
    "webhook",
    METADATA,
    Column("webhook_id", UUID, primary_key=True, comment="Sorts by time of creation."),
    Column("project_id", UUID, ForeignKey("project.project_id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("events", ARRAY(Text), nullable=False),
    Column(
        "templates", ARRAY(Text), nullable=False, server_default="{}", comment="Keys; none for all."
    ),
    Column(
        "labels", JSON, nullable=False, server_default="{}", comment="An instance has to have them."
    ),
    Column("secret", Text, nullable=False, comment="Sealed for the plugin gateways."),
    Column("previous_secret", Text, comment="The one before, sealed; signs until its time is up."),
    Column("previous_until", INSTANT),
    Column("is_enabled", Boolean, nullable=False, server_default="true"),
    Column("disabled_reason", Text, comment="person, gone, failing or backlog."),
    Column("failures", Integer, nullable=False, server_default="0", comment="In a row."),
    Column("failing_since", INSTANT, comment="First of the failures in a row."),
    Column("created_by", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("updated_by", Text, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
    CheckConstraint("is_enabled = (disabled_reason IS NULL)", name="disabled_reason"),
    CheckConstraint(
        "disabled_reason IN ('person', 'gone', 'failing', 'backlog')", name="known_reason"
    ),
    CheckConstraint("(failures > 0) = (failing_since IS NOT NULL)", name="failing_since"),
    CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous_secret"),
    CheckConstraint("cardinality(events) > 0", name="events"),
    Index("webhook_project_idx", "project_id", "webhook_id"),
    Index("webhook_enabled_idx", "webhook_id", postgresql_where=text("is_enabled")),
)
"""One row per webhook."""

webhook_level = Table(
    "webhook_level",
    METADATA,
    Column("is_single", Boolean, primary_key=True, server_default="true"),
    Column("version", Integer, nullable=False, comment="One more with every change of a webhook."),
    CheckConstraint("is_single", name="is_single"),
)
"""One row, from the first webhook on: schedulers see by it that they have to read webhooks anew."""
