"""Create webhooks, what they are told, and the keys that their secrets are sealed for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
phase = "expand"


_INSTANT = sa.DateTime(timezone=True)
_NOW = sa.func.now()


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sealing_key",
        sa.Column("public_key", sa.Text, primary_key=True, comment="X25519, in URL-safe base64."),
        sa.Column("announced_at", _INSTANT, nullable=False, server_default=_NOW),
    )
    op.create_table(
        "webhook_level",
        sa.Column("is_single", sa.Boolean, primary_key=True, server_default="true"),
        sa.Column(
            "version",
            sa.Integer,
            nullable=False,
            comment="One more with every change of a webhook.",
        ),
        sa.CheckConstraint("is_single", name="is_single"),
    )
    _create_webhook()
    _create_delivery()
    op.create_table(
        "webhook_attempt",
        sa.Column(
            "delivery_id",
            sa.Uuid,
            sa.ForeignKey("webhook_delivery.delivery_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True, comment="Counted from 1."),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("status_code", sa.Integer, comment="NULL without an answer."),
        sa.Column(
            "error", sa.Text, comment="Why it does not count as delivered; NULL where it does."
        ),
        sa.Column(
            "response",
            sa.Text,
            nullable=False,
            server_default="",
            comment="How the answer begins.",
        ),
    )
    op.create_table(
        "webhook_change",
        sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False, server_default="{}"),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    )
    op.create_index("webhook_change_project_idx", "webhook_change", ["project_id", "change_id"])
    op.create_index(
        "webhook_change_deleted_idx",
        "webhook_change",
        ["webhook_id"],
        postgresql_where=sa.text("kind = 'deleted'"),
    )


def _create_webhook() -> None:
    op.create_table(
        "webhook",
        sa.Column("webhook_id", sa.Uuid, primary_key=True, comment="Sorts by time of creation."),
        sa.Column("project_id", sa.Uuid, sa.ForeignKey("project.project_id"), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("events", ARRAY(sa.Text), nullable=False),
        sa.Column(
            "templates",
            ARRAY(sa.Text),
            nullable=False,
            server_default="{}",
            comment="Keys; none for all.",
        ),
        sa.Column(
            "labels",
            JSONB,
            nullable=False,
            server_default="{}",
            comment="An instance has to have them.",
        ),
        sa.Column("secret", sa.Text, nullable=False, comment="Sealed for the plugin gateways."),
        sa.Column(
            "previous_secret",
            sa.Text,
            comment="The one before, sealed; signs until its time is up.",
        ),
        sa.Column("previous_until", _INSTANT),
        sa.Column("is_enabled", sa.Boolean, nullable=False, server_default="true"),
        sa.Column("disabled_reason", sa.Text, comment="person, gone, failing or backlog."),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0", comment="In a row."),
        sa.Column("failing_since", _INSTANT, comment="First of the failures in a row."),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False, server_default=_NOW),
        sa.CheckConstraint("is_enabled = (disabled_reason IS NULL)", name="disabled_reason"),
        sa.CheckConstraint(
            "disabled_reason IN ('person', 'gone', 'failing', 'backlog')", name="known_reason"
        ),
        sa.CheckConstraint("(failures > 0) = (failing_since IS NOT NULL)", name="failing_since"),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)", name="previous_secret"
        ),
        sa.CheckConstraint("cardinality(events) > 0", name="events"),
    )
    op.create_index("webhook_project_idx", "webhook", ["project_id", "webhook_id"])
    op.create_index(
        "webhook_enabled_idx",
        "webhook",
        ["webhook_id"],
        postgresql_where=sa.text("is_enabled"),
    )


def _create_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column(
            "delivery_id", sa.Uuid, primary_key=True, comment="Sorts by time; the receiver's key."
        ),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("instance_id", sa.Uuid, comment="NULL for a test."),
        sa.Column("data", JSONB, nullable=False, comment="Member data of what is sent."),
        sa.Column("traceparent", sa.Text),
        sa.Column("occurred_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
        sa.Column("status", sa.Text, nullable=False, server_default="pending"),
        sa.Column(
            "next_at",
            _INSTANT,
            nullable=False,
            server_default=_NOW,
            comment="When it is due; while one is at it, when another may take it.",
        ),
        sa.Column("claim", sa.Uuid, comment="Who is at it."),
        sa.Column(
            "tries", sa.Integer, nullable=False, server_default="0", comment="Of this round."
        ),
        sa.Column(
            "attempts", sa.Integer, nullable=False, server_default="0", comment="Of all rounds."
        ),
        sa.Column("settled_at", _INSTANT, comment="When it was delivered or given up."),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'given_up')", name="status"),
        sa.CheckConstraint("(settled_at IS NULL) = (status = 'pending')", name="settled_at"),
        sa.CheckConstraint("claim IS NULL OR status = 'pending'", name="claim"),
    )
    newest = sa.text("delivery_id DESC")
    op.create_index("webhook_delivery_webhook_idx", "webhook_delivery", ["webhook_id", newest])
    op.create_index(
        "webhook_delivery_due_idx",
        "webhook_delivery",
        ["webhook_id", "next_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "webhook_delivery_claimed_idx",
        "webhook_delivery",
        ["webhook_id"],
        postgresql_where=sa.text("claim IS NOT NULL"),
    )
    op.create_index(
        "webhook_delivery_given_up_idx",
        "webhook_delivery",
        ["webhook_id", newest],
        postgresql_where=sa.text("status = 'given_up'"),
    )
    op.create_index("webhook_delivery_created_idx", "webhook_delivery", ["created_at"])


def downgrade() -> None:
    """Undo."""
    for table in (
        "webhook_change",
        "webhook_attempt",
        "webhook_delivery",
        "webhook",
        "webhook_level",
        "sealing_key",
    ):
        op.drop_table(table)
