"""Create personal drafts, and the latest states of the shared ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
phase = "expand"


_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "draft_revision",
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column(
            "revision", sa.Integer, primary_key=True, comment="As template.draft_revision was."
        ),
        sa.Column("source", sa.Text, nullable=False, comment="The document as text."),
        sa.Column("actor", sa.Text, comment="Who wrote it; NULL where nobody knows."),
        sa.Column("updated_at", _INSTANT, nullable=False, server_default=sa.func.now()),
    )
    # What was written before has its text; a template may be written by the release before still,
    # whose states are then missing.
    op.execute(
        "INSERT INTO draft_revision (template_id, revision, source, updated_at)"
        " SELECT template_id, draft_revision, draft, updated_at FROM template"
        " WHERE draft IS NOT NULL"
    )
    op.create_table(
        "personal_draft",
        sa.Column("template_id", sa.Uuid, sa.ForeignKey("template.template_id"), primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("seen_at", _INSTANT, nullable=False, server_default=sa.func.now()),
        sa.Column(
            "source", sa.Text, comment="The text as it was typed; NULL for who only looks on."
        ),
        sa.Column("document", JSONB, comment="What was on the canvas, as it was given."),
        sa.Column("base_revision", sa.Integer, comment="The shared draft that it was made from."),
        sa.Column("tag", sa.Uuid, comment="Another one with each write; its ETag."),
        sa.Column("updated_at", _INSTANT, comment="When it was written last."),
        sa.CheckConstraint(
            "num_nulls(source, base_revision, tag, updated_at) IN (0, 4)"
            " AND (document IS NULL OR source IS NOT NULL)",
            name="whole",
        ),
    )
    op.create_index(
        "personal_draft_looked_idx",
        "personal_draft",
        ["seen_at"],
        postgresql_where=sa.text("source IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("personal_draft")
    op.drop_table("draft_revision")
