"""Create the table that says how far the last upgrade was brought to its end."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "release_level",
        sa.Column("is_single", sa.Boolean, primary_key=True, server_default=sa.true()),
        sa.Column(
            "revision",
            sa.Text,
            nullable=False,
            comment="Releases that do not know it are too old.",
        ),
        sa.Column(
            "record_version", sa.SmallInteger, nullable=False, comment="What all members know."
        ),
        sa.Column(
            "reached_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.CheckConstraint("is_single", name="single"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("release_level")
