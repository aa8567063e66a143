"""Table ``saved_filter``: named queries of lists."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

saved_filter = Table(
    "saved_filter",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("resource", Text, primary_key=True, comment="Whose list it narrows."),
    Column("owner", Text, primary_key=True, comment="Empty for a shared one."),
    Column("name", Text, primary_key=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("parameters", JSON, nullable=False, comment="As in the list's address."),
    Column("actor", Text, nullable=False, comment="Who wrote it last."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
    CheckConstraint("resource IN ('instances', 'templates')", name="resource"),
)
"""One row per filter."""
