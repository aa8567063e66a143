"""Table ``template_category``: the categories that a project offers."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from flowyard.storage.schema.metadata import METADATA, UUID

template_category = Table(
    "template_category",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("actor", Text, nullable=False),
)
"""One row per category; a project without rows offers the default ones."""
