"""Create the log lines of attempts, and what a cancellation keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
phase = "expand"


_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "log_line",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "sequence",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Counted from 1, over all steps of it.",
        ),
        sa.Column("at", _INSTANT, nullable=False, comment="By the gateway's clock."),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="Without secrets."),
        sa.Column(
            "size_so_far",
            sa.Integer(),
            nullable=False,
            comment="Bytes up to and with this line.",
        ),
        sa.CheckConstraint(
            "level IN ('debug', 'info', 'warning', 'error')", name=op.f("log_line_level_check")
        ),
        sa.PrimaryKeyConstraint(
            "instance_id", "node_id", "number", "sequence", name=op.f("log_line_pkey")
        ),
    )
    for column in _cancel_columns():
        op.add_column("attempt", column)
    op.create_index(
        "attempt_cancel_idx",
        "attempt",
        ["cancel_requested_at"],
        postgresql_where=sa.text("cancel_requested_at IS NOT NULL AND cancel_confirmed_at IS NULL"),
    )


def _cancel_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("cancel_requested_at", _INSTANT, comment="When it was closed from outside."),
        sa.Column("cancel_confirmed_at", _INSTANT, comment="When nothing of it went on any more."),
        sa.Column("cancel_tries", sa.Integer(), comment="How often its plugin was asked to stop."),
        sa.Column("cancel_retry_at", _INSTANT, comment="When its plugin may be asked again."),
    ]


def downgrade() -> None:
    """Undo."""
    op.drop_index(
        "attempt_cancel_idx",
        table_name="attempt",
        postgresql_where=sa.text("cancel_requested_at IS NOT NULL AND cancel_confirmed_at IS NULL"),
    )
    for column in _cancel_columns():
        op.drop_column("attempt", column.name)
    op.drop_table("log_line")
