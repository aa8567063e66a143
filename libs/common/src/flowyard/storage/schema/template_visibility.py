"""Table ``template_visibility``: which other projects may use a template."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

template_visibility = Table(
    "template_visibility",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("actor", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Index("template_visibility_project_idx", "project_id"),
)
"""One row per template and project that it was shown to."""
