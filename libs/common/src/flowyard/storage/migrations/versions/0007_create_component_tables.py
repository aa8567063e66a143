"""Create the tables of components that projects keep for imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "component_table",
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column(
            "rules",
            JSONB,
            nullable=False,
            comment="What becomes of components of bk-sops, by their codes.",
        ),
        sa.Column("actor", sa.Text, nullable=False, comment="Who wrote it last."),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("component_table")
