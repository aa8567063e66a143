"""Table ``personal_draft``: who edits a template, and what they have not shared yet."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, func, text

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

personal_draft = Table(
    "personal_draft",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("seen_at", INSTANT, nullable=False, server_default=func.now()),
    Column("source", Text, comment="The text as it was typed; NULL for who only looks on."),
    Column("document", JSON, comment="What was on the canvas, as it was given."),
    Column("base_revision", Integer, comment="The shared draft that it was made from."),
    Column("tag", UUID, comment="Another one with each write; its ETag."),
    Column("updated_at", INSTANT, comment="When it was written last."),
    CheckConstraint(
        "num_nulls(source, base_revision, tag, updated_at) IN (0, 4)"
        " AND (document IS NULL OR source IS NOT NULL)",
        name="whole",
    ),
    Index("personal_draft_looked_idx", "seen_at", postgresql_where=text("source IS NULL")),
)
"""One row per template and person; one without a text says only that somebody was there."""
