"""Table ``instance``: one run of a template version."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

instance = Table(
    "instance",
    METADATA,
    Column("instance_id", UUID, primary_key=True, comment="Sorts by time of creation."),
    Column("project_id", UUID, ForeignKey("project.project_id"), nullable=False),
    Column("template_id", UUID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="created"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("partition", SmallInteger, nullable=False),
    Column("given", JSON, nullable=False, comment="Inputs as given."),
    Column("variables", JSON, comment="Bound inputs, constants, computed and exported."),
    Column("outputs", JSON),
    Column("failure", JSON, comment="{code, message} when the whole instance failed."),
    Column("labels", JSON, nullable=False, server_default="{}"),
    Column("links", JSON, nullable=False, server_default="[]", comment="Outside references."),
    Column("actor", Text, nullable=False),
    Column("traceparent", Text),
    Column("callback_secret", Text, nullable=False),
    Column("plan", JSON, comment="How it was asked to run."),
    Column("phase", Text, nullable=False, server_default="forward"),
    Column("breakpoints", JSON, nullable=False, server_default="[]"),
    Column("priority", SmallInteger, nullable=False, server_default="5"),
    Column("origin_instance_id", UUID, comment="Which it copies."),
    Column("origin", Text, comment="clone or rerun."),
    Column("parent_instance_id", UUID),
    Column("parent_node_id", Text),
    Column("parent_number", Integer),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("started_at", INSTANT),
    Column("ended_at", INSTANT),
    ForeignKeyConstraint(
        ["template_id", "version"], ["template_version.template_id", "template_version.number"]
    ),
    CheckConstraint(
        "status IN ('created', 'running', 'paused', 'failed', 'succeeded', 'cancelled')",
        name="status",
    ),
    CheckConstraint(
        "(ended_at IS NOT NULL) = (status IN ('succeeded', 'cancelled'))", name="ended_at"
    ),
    CheckConstraint("phase IN ('forward', 'rollback')", name="phase"),
    CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
    Index("instance_project_idx", "project_id", text("instance_id DESC")),
    Index("instance_template_idx", "project_id", "template_id", text("instance_id DESC")),
    Index(
        "instance_open_idx",
        "partition",
        postgresql_where=text("status NOT IN ('succeeded', 'cancelled')"),
    ),
    Index(
        "instance_parent_key",
        "parent_instance_id",
        "parent_node_id",
        "parent_number",
        unique=True,
        postgresql_where=text("parent_instance_id IS NOT NULL"),
    ),
    Index(
        "instance_origin_idx",
        "origin_instance_id",
        postgresql_where=text("origin_instance_id IS NOT NULL"),
    ),
    Index(
        "instance_broken_idx",
        "project_id",
        text("coalesce(started_at, created_at)"),
        "instance_id",
        postgresql_where=text("status = 'failed' AND failure IS NOT NULL"),
    ),
    Index(
        "instance_ended_idx",
        "project_id",
        "ended_at",
        "instance_id",
        postgresql_where=text("ended_at IS NOT NULL AND parent_instance_id IS NULL"),
    ),
    Index(
        "instance_trial_idx",
        "template_id",
        "version",
        postgresql_where=text("version < 0"),
    ),
    Index("instance_labels_idx", "labels", postgresql_using="gin"),
    postgresql_with={"fillfactor": "80"},
)
"""One row per instance; status and revision are written by the scheduler alone."""
