"""Table ``webhook_change``: who has done what to a webhook."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, func, text

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

webhook_change = Table(
    "webhook_change",
    METADATA,
    Column("change_id", BigInteger, Identity(always=True), primary_key=True),
    Column("project_id", UUID, nullable=False),
    Column("webhook_id", UUID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", JSON, nullable=False, server_default="{}"),
    Column("actor", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Index("webhook_change_project_idx", "project_id", "change_id"),
    Index("webhook_change_deleted_idx", "webhook_id", postgresql_where=text("kind = 'deleted'")),
)
"""One row per change; never changed itself, and kept when its webhook is deleted."""
