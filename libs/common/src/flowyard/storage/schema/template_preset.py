"""Table ``template_preset``: named sets of input values."""

from sqlalchemy import Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

template_preset = Table(
    "template_preset",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("description", Text, nullable=False, server_default=""),
    Column("inputs", JSON, nullable=False, comment="Values by name; not all need be there."),
    Column("actor", Text, nullable=False, comment="Who wrote it last."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per preset."""
