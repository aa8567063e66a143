"""Create the index of a template's last runs, and tell of plugins whether they can be cancelled."""

import sqlalchemy as sa
from alembic import op

from flowyard.storage.index_building import build_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    build_index(
        "instance_template_idx",
        "instance",
        ["project_id", "template_id", sa.text("instance_id DESC")],
    )
    op.add_column(
        "plugin",
        sa.Column("is_cancellable", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("plugin", "is_cancellable")
    op.drop_index("instance_template_idx", table_name="instance")
