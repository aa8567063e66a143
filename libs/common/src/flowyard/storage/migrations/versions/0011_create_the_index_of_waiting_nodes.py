"""Create the indexes of what waits for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "node_waiting_idx",
        "node",
        [sa.text("coalesce(ended_at, reached_at)"), "instance_id", "node_id"],
        postgresql_where=sa.text(
            "reason = 'approval' OR reason = 'incident'"
            " AND (node_id NOT LIKE '%:%' OR node_id LIKE '%\\:rollback')"
        ),
    )
    op.create_index(
        "instance_broken_idx",
        "instance",
        ["project_id", sa.text("coalesce(started_at, created_at)"), "instance_id"],
        postgresql_where=sa.text("status = 'failed' AND failure IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("instance_broken_idx", table_name="instance")
    op.drop_index("node_waiting_idx", table_name="node")
