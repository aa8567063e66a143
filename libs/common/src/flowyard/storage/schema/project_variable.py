"""Table ``project_variable``: values that all templates of a project may use."""

from sqlalchemy import Column, ForeignKey, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

project_variable = Table(
    "project_variable",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column(
        "value",
        JSONB(none_as_null=False),
        nullable=False,
        comment="JSON, null included; no secrets.",
    ),
    Column("description", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, comment="Who wrote it last."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per variable of a project."""
