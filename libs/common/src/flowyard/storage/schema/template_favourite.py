"""Table ``template_favourite``: the templates that somebody wants at hand."""

from sqlalchemy import Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

template_favourite = Table(
    "template_favourite",
    METADATA,
    Column("actor", Text, primary_key=True),
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per actor and favourite."""
