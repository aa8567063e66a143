"""Tables ``archive`` and ``archived_instance``: what was moved out of the database, and where."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

archive = Table(
    "archive",
    METADATA,
    Column("archive_id", UUID, primary_key=True, comment="Sorts by time."),
    Column("project_id", UUID, ForeignKey("project.project_id"), nullable=False),
    Column("name", Text, nullable=False, comment="Of the file, in the archive's place."),
    Column("instances", Integer, comment="How many it holds; NULL until it is whole."),
    Column("bytes", BigInteger, comment="Of the file; NULL until it is whole."),
    Column("sha256", Text, comment="Of the file, in hexadecimal; NULL until it is whole."),
    Column("began_at", INSTANT, nullable=False, server_default=func.now()),
    Column("written_at", INSTANT, comment="NULL until it is whole."),
    CheckConstraint("num_nulls(instances, bytes, sha256, written_at) IN (0, 4)", name="whole"),
    Index("archive_project_idx", "project_id", "archive_id"),
    Index("archive_writing_idx", "project_id", postgresql_where=text("written_at IS NULL")),
)
"""One row per file, written before the file is begun.

A row that is not whole while nobody holds its project's lock belongs to a process that died:
no instance has gone into its file, which is removed.
"""

archived_instance = Table(
    "archived_instance",
    METADATA,
    Column("instance_id", UUID, primary_key=True),
    Column("archive_id", UUID, ForeignKey("archive.archive_id"), nullable=False),
    Column("start", BigInteger, nullable=False, comment="Where its part of the file begins."),
    Column("length", BigInteger, nullable=False, comment="Bytes of that part."),
    Column("project_id", UUID, nullable=False),
    Column("template_id", UUID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("actor", Text, nullable=False),
    Column("is_mock", Boolean, nullable=False),
    Column("parent_instance_id", UUID),
    Column("origin_instance_id", UUID, comment="Which it copies."),
    Column("origin", Text, comment="clone or rerun."),
    Column("created_at", INSTANT, nullable=False),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT, nullable=False),
    Index("archived_instance_project_idx", "project_id", text("instance_id DESC")),
    Index("archived_instance_template_idx", "project_id", "template_id", text("instance_id DESC")),
    Index(
        "archived_instance_trial_idx",
        "template_id",
        "version",
        postgresql_where=text("version < 0"),
    ),
    Index(
        "archived_instance_origin_idx",
        "origin_instance_id",
        postgresql_where=text("origin_instance_id IS NOT NULL"),
    ),
)
"""One row per instance that was moved out; what lists and references need of it, and its place."""
