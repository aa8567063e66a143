"""Create the table in which schedulers tell how much waits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "scheduler_load",
        sa.Column("scheduler_id", sa.Uuid, primary_key=True, comment="Of one process."),
        sa.Column("load", JSONB, nullable=False, comment="What waits in its partitions."),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        postgresql_with={"fillfactor": "50"},
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("scheduler_load")
