"""Table ``project``: what templates, instances and secrets belong to."""

from sqlalchemy import Column, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

project = Table(
    "project",
    METADATA,
    Column("project_id", UUID, primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="Short name in addresses."),
    Column("title", Text, nullable=False, server_default=""),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per project."""
