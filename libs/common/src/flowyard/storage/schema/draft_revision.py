"""Table ``draft_revision``: the latest states of the shared drafts of templates."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

draft_revision = Table(
    "draft_revision",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("revision", Integer, primary_key=True, comment="As template.draft_revision was."),
    Column("source", Text, nullable=False, comment="The document as text."),
    Column("actor", Text, comment="Who wrote it; NULL where nobody knows."),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per state, of the latest ones and of those that a personal draft was made from."""
