"""Keep the trace of attempts and commands, and since when nodes wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "node",
        sa.Column("since", sa.TIMESTAMP(timezone=True), comment="When its present wait began."),
    )
    op.add_column(
        "attempt",
        sa.Column(
            "trace",
            JSONB,
            comment="{traceparent, links} of its span, where that is recorded.",
        ),
    )
    op.add_column(
        "command",
        sa.Column("traceparent", sa.Text, comment="Of the request, where its trace is recorded."),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("command", "traceparent")
    op.drop_column("attempt", "trace")
    op.drop_column("node", "since")
