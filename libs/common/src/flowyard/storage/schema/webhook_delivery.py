"""Tables ``webhook_delivery`` and ``webhook_attempt``: what is told, and each try to tell it."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

webhook_delivery = Table(
    "webhook_delivery",
    METADATA,
    Column("delivery_id", UUID, primary_key=True, comment="Sorts by time; the receiver's key."),
    Column("webhook_id", UUID, nullable=False),
    Column("event", Text, nullable=False),
    Column("instance_id", UUID, comment="NULL for a test."),
    Column("data", JSON, nullable=False, comment="Member data of what is sent."),
    Column("traceparent", Text),
    Column("occurred_at", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("status", Text, nullable=False, server_default="pending"),
    Column(
        "next_at",
        INSTANT,
        nullable=False,
        server_default=func.now(),
        comment="When it is due; while one is at it, when another may take it.",
    ),
    Column("claim", UUID, comment="Who is at it."),
    Column("tries", Integer, nullable=False, server_default="0", comment="Of this round."),
    Column("attempts", Integer, nullable=False, server_default="0", comment="Of all rounds."),
    Column("settled_at", INSTANT, comment="When it was delivered or given up."),
    CheckConstraint("status IN ('pending', 'delivered', 'given_up')", name="status"),
    CheckConstraint("(settled_at IS NULL) = (status = 'pending')", name="settled_at"),
    CheckConstraint("claim IS NULL OR status = 'pending'", name="claim"),
    Index("webhook_delivery_webhook_idx", "webhook_id", text("delivery_id DESC")),
    Index(
        "webhook_delivery_due_idx",
        "webhook_id",
        "next_at",
        postgresql_where=text("status = 'pending'"),
    ),
    Index("webhook_delivery_claimed_idx", "webhook_id", postgresql_where=text("claim IS NOT NULL")),
    Index(
        "webhook_delivery_given_up_idx",
        "webhook_id",
        text("delivery_id DESC"),
        postgresql_where=text("status = 'given_up'"),
    ),
    Index("webhook_delivery_created_idx", "created_at"),
)
"""One row per event and webhook.

It has no foreign key to its webhook: the scheduler writes it in its batch, which nobody who
deletes a webhook may stop. The cleaning job takes away what has lost its webhook.
"""

webhook_attempt = Table(
    "webhook_attempt",
    METADATA,
    Column(
        "delivery_id",
        UUID,
        ForeignKey("webhook_delivery.delivery_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, comment="Counted from 1."),
    Column("started_at", INSTANT, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status_code", Integer, comment="NULL without an answer."),
    Column("error", Text, comment="Why it does not count as delivered; NULL where it does."),
    Column("response", Text, nullable=False, server_default="", comment="How the answer begins."),
)
"""One row per try to deliver."""
