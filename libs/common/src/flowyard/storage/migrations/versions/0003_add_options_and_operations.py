"""Add what options, operations, maps and rollbacks of instances keep."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
phase = "expand"


_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.add_column("instance", sa.Column("plan", JSONB, comment="How it was asked to run."))
    op.add_column("instance", sa.Column("phase", sa.Text, nullable=False, server_default="forward"))
    op.add_column(
        "instance",
        sa.Column("breakpoints", JSONB, nullable=False, server_default="[]"),
    )
    op.add_column(
        "instance", sa.Column("priority", sa.SmallInteger, nullable=False, server_default="5")
    )
    op.add_column("instance", sa.Column("origin_instance_id", sa.Uuid, comment="Which it copies."))
    op.add_column("instance", sa.Column("origin", sa.Text, comment="clone or rerun."))
    op.create_index(
        "instance_origin_idx",
        "instance",
        ["origin_instance_id"],
        postgresql_where=sa.text("origin_instance_id IS NOT NULL"),
    )
    op.create_check_constraint("phase", "instance", "phase IN ('forward', 'rollback')")
    op.create_check_constraint("priority", "instance", "priority BETWEEN 0 AND 9")
    op.add_column("node", sa.Column("mark", sa.Text, comment="What is peculiar about its end."))
    op.add_column("node", sa.Column("retries", sa.Integer, nullable=False, server_default="0"))
    op.add_column("node", sa.Column("resume_at", _INSTANT, comment="Next automatic attempt."))
    op.add_column("node", sa.Column("deadline_at", _INSTANT, comment="Of its present attempt."))
    op.add_column("node", sa.Column("variables", JSONB, comment="Of an inline subflow."))
    op.add_column("attempt", sa.Column("actor", sa.Text, comment="Who it acts as, if set."))
    op.add_column(
        "attempt",
        sa.Column("visit", sa.Integer, nullable=False, server_default="0", comment="Of its node."),
    )
    _create_concurrency_slot()


def _create_concurrency_slot() -> None:
    op.create_table(
        "concurrency_slot",
        sa.Column("instance_id", sa.Uuid, primary_key=True),
        sa.Column("node_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("limit", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column("granted_at", _INSTANT),
        sa.Column("releasing_at", _INSTANT),
    )
    op.create_index(
        "concurrency_slot_releasing_idx",
        "concurrency_slot",
        ["releasing_at"],
        postgresql_where=sa.text("releasing_at IS NOT NULL"),
    )
    op.create_index(
        "concurrency_slot_granted_idx",
        "concurrency_slot",
        ["project_id", "key"],
        postgresql_where=sa.text("granted_at IS NOT NULL"),
    )
    op.create_index(
        "concurrency_slot_line_idx",
        "concurrency_slot",
        ["project_id", "key", "position"],
        postgresql_where=sa.text("granted_at IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("concurrency_slot")
    op.drop_column("attempt", "visit")
    op.drop_column("attempt", "actor")
    for name in ("variables", "deadline_at", "resume_at", "retries", "mark"):
        op.drop_column("node", name)
    for name in ("origin", "origin_instance_id", "priority", "breakpoints", "phase", "plan"):
        op.drop_column("instance", name)
