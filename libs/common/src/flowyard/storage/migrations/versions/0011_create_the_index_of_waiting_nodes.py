"""Create the indexes of what waits for a person."""

import sqlalchemy as sa
from alembic import op

from flowyard.storage.index_building import build_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    build_index(
        "node_waiting_idx",
        "node",
        [sa.text("coalesce(ended_at, reached_at)"), "instance_id", "node_id"],
        where="reason = 'approval' OR reason = 'incident'"
        " AND (node_id NOT LIKE '%:%' OR node_id LIKE '%\\:rollback')",
    )
    build_index(
        "instance_broken_idx",
        "instance",
        ["project_id", sa.text("coalesce(started_at, created_at)"), "instance_id"],
        where="status = 'failed' AND failure IS NOT NULL",
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("instance_broken_idx", table_name="instance")
    op.drop_index("node_waiting_idx", table_name="node")
