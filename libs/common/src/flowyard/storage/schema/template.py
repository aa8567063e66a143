"""Tables ``template`` and ``template_version``: what people write, and what they published."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

template = Table(
    "template",
    METADATA,
    Column("template_id", UUID, primary_key=True),
    Column("project_id", UUID, ForeignKey("project.project_id"), nullable=False),
    Column("key", Text, nullable=False, comment="Short name, unique in its project."),
    Column("title", Text, nullable=False, server_default=""),
    Column("description", Text, nullable=False, server_default=""),
    Column("draft", Text, comment="The document as text, not published yet."),
    Column(
        "draft_revision",
        Integer,
        nullable=False,
        server_default="0",
        comment="Counts the writes of the draft; its ETag.",
    ),
    Column("latest_version", Integer, comment="Number of the version that new instances take."),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
    Column("category", Text, nullable=False, server_default="Default"),
    Column("labels", JSON, nullable=False, server_default="{}"),
    Column(
        "is_common",
        Boolean,
        nullable=False,
        server_default="false",
        comment="Visible to all projects.",
    ),
    Column("deleted_at", INSTANT, comment="Its history stays, and so does its key."),
    Column("deleted_by", Text),
    UniqueConstraint("project_id", "key"),
    CheckConstraint("(deleted_at IS NULL) = (deleted_by IS NULL)", name="deleted_by"),
    Index("template_labels_idx", "labels", postgresql_using="gin"),
    Index("template_common_idx", "template_id", postgresql_where=text("is_common")),
)
"""One row per template."""

template_version = Table(
    "template_version",
    METADATA,
    Column("template_id", UUID, ForeignKey("template.template_id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="Counted from 1."),
    Column("source", Text, nullable=False, comment="The document as it was written."),
    Column("document", JSON, nullable=False, comment="The document in canonical form."),
    Column("graph", JSON, nullable=False, comment="The compiled graph."),
    Column("content_hash", Text, nullable=False, comment="SHA-256 of the canonical form."),
    Column("note", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False),
    Column("published_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per published, immutable version."""
