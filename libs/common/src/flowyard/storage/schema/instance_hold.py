"""Table ``instance_hold``: instances that stay, however long ago they have ended."""

from sqlalchemy import Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

instance_hold = Table(
    "instance_hold",
    METADATA,
    Column("instance_id", UUID, ForeignKey("instance.instance_id"), primary_key=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor", Text, nullable=False, comment="Who holds it."),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
)
"""At most one row per instance.

Its foreign key is what makes a hold sure: whoever deletes the instance at the same time waits
for it, and is refused.
"""
