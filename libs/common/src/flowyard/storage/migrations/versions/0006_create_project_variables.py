"""Create the variables of projects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "project_variable",
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", JSONB, nullable=False, comment="JSON, null included; no secrets."),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
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
    op.drop_table("project_variable")
