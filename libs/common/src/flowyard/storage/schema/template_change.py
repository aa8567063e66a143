"""Table ``template_change``: who has changed what about a template, beside its content."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

template_change = Table(
    "template_change",
    METADATA,
    Column("change_id", BigInteger, Identity(always=True), primary_key=True),
    Column("template_id", UUID, ForeignKey("template.template_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("detail", JSON, nullable=False, server_default="{}"),
    Column("actor", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Index("template_change_template_idx", "template_id", "change_id"),
)
"""One row per change; never changed itself."""
