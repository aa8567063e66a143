"""Table ``component_table``: what imports into a project make of components."""

from sqlalchemy import Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

component_table = Table(
    "component_table",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column(
        "rules",
        JSON,
        nullable=False,
        comment="What becomes of components of bk-sops, by their codes.",
    ),
    Column("actor", Text, nullable=False, comment="Who wrote it last."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
)
"""At most one row per project."""
