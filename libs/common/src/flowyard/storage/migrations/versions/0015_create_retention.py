"""Create what retention needs: its rules, holds, archives, and the index of what has ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from flowyard.storage.index_building import build_index

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
phase = "expand"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _create_retention()
    _create_instance_hold()
    _create_archive()
    _create_archived_instance()
    build_index(
        "instance_ended_idx",
        "instance",
        ["project_id", "ended_at", "instance_id"],
        where="ended_at IS NOT NULL AND parent_instance_id IS NULL",
    )
    build_index("instance_trial_idx", "instance", ["template_id", "version"], where="version < 0")


def _project_id(*, is_key: bool) -> sa.Column[object]:
    return sa.Column(
        "project_id",
        sa.Uuid(),
        sa.ForeignKey("project.project_id"),
        primary_key=is_key,
        nullable=False,
    )


def _create_retention() -> None:
    op.create_table(
        "retention",
        _project_id(is_key=True),
        sa.Column("mode", sa.Text(), nullable=False, comment="keep, archive or delete."),
        sa.Column(
            "after_seconds", sa.BigInteger(), nullable=False, comment="How long after its end."
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="Who wrote it last."),
        sa.Column("updated_at", _INSTANT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(
            "mode IN ('keep', 'archive', 'delete')", name=op.f("retention_mode_check")
        ),
        sa.CheckConstraint("after_seconds >= 0", name=op.f("retention_after_seconds_check")),
    )


def _create_instance_hold() -> None:
    op.create_table(
        "instance_hold",
        sa.Column(
            "instance_id", sa.Uuid(), sa.ForeignKey("instance.instance_id"), primary_key=True
        ),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("actor", sa.Text(), nullable=False, comment="Who holds it."),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )


def _create_archive() -> None:
    op.create_table(
        "archive",
        sa.Column("archive_id", sa.Uuid(), primary_key=True, comment="Sorts by time."),
        _project_id(is_key=False),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Of the file, in the archive's place."
        ),
        sa.Column("instances", sa.Integer(), comment="How many it holds; NULL until it is whole."),
        sa.Column("bytes", sa.BigInteger(), comment="Of the file; NULL until it is whole."),
        sa.Column(
            "sha256",
            sa.Text(),
            comment="Of the file, in hexadecimal; NULL until it is whole.",
        ),
        sa.Column("began_at", _INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("written_at", _INSTANT, comment="NULL until it is whole."),
        sa.CheckConstraint(
            "num_nulls(instances, bytes, sha256, written_at) IN (0, 4)",
            name=op.f("archive_whole_check"),
        ),
    )
    op.create_index("archive_project_idx", "archive", ["project_id", "archive_id"])
    op.create_index(
        "archive_writing_idx",
        "archive",
        ["project_id"],
        postgresql_where=sa.text("written_at IS NULL"),
    )


def _create_archived_instance() -> None:
    op.create_table(
        "archived_instance",
        sa.Column("instance_id", sa.Uuid(), primary_key=True),
        sa.Column("archive_id", sa.Uuid(), sa.ForeignKey("archive.archive_id"), nullable=False),
        sa.Column(
            "start",
            sa.BigInteger(),
            nullable=False,
            comment="Where its part of the file begins.",
        ),
        sa.Column("length", sa.BigInteger(), nullable=False, comment="Bytes of that part."),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("is_mock", sa.Boolean(), nullable=False),
        sa.Column("parent_instance_id", sa.Uuid()),
        sa.Column("origin_instance_id", sa.Uuid(), comment="Which it copies."),
        sa.Column("origin", sa.Text(), comment="clone or rerun."),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT),
        sa.Column("ended_at", _INSTANT, nullable=False),
    )
    newest = sa.text("instance_id DESC")
    op.create_index("archived_instance_project_idx", "archived_instance", ["project_id", newest])
    op.create_index(
        "archived_instance_template_idx",
        "archived_instance",
        ["project_id", "template_id", newest],
    )
    op.create_index(
        "archived_instance_trial_idx",
        "archived_instance",
        ["template_id", "version"],
        postgresql_where=sa.text("version < 0"),
    )
    op.create_index(
        "archived_instance_origin_idx",
        "archived_instance",
        ["origin_instance_id"],
        postgresql_where=sa.text("origin_instance_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo; what was moved out stays where it is, and nothing leads there any more."""
    op.drop_index("instance_trial_idx", table_name="instance")
    op.drop_index("instance_ended_idx", table_name="instance")
    for table in ("archived_instance", "archive", "instance_hold", "retention"):
        op.drop_table(table)
