"""Create the index of reached nodes without a reason to wait, which is always empty."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "node_reasonless_idx",
        "node",
        ["partition"],
        postgresql_where=sa.text(
            "reason IS NULL AND status IN ('ready', 'running', 'waiting', 'failed')"
        ),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("node_reasonless_idx", table_name="node")
