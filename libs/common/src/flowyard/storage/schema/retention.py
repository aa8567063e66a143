"""Table ``retention``: what becomes of a project's instances once they have ended."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

retention = Table(
    "retention",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("mode", Text, nullable=False, comment="keep, archive or delete."),
    Column("after_seconds", BigInteger, nullable=False, comment="How long after its end."),
    Column("actor", Text, nullable=False, comment="Who wrote it last."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
    CheckConstraint("mode IN ('keep', 'archive', 'delete')", name="mode"),
    CheckConstraint("after_seconds >= 0", name="after_seconds"),
)
"""At most one row per project; without one the cluster's own settings count."""
