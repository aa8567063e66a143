"""Table ``log_line``: what plugins have said about what they do."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

log_line = Table(
    "log_line",
    METADATA,
    Column("instance_id", UUID, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sequence", Integer, primary_key=True, comment="Counted from 1, over all steps of it."),
    Column("at", INSTANT, nullable=False, comment="By the gateway's clock."),
    Column("level", Text, nullable=False),
    Column("text", Text, nullable=False, comment="Without secrets."),
    Column("size_so_far", Integer, nullable=False, comment="Bytes up to and with this line."),
    CheckConstraint("level IN ('debug', 'info', 'warning', 'error')", name="level"),
)
"""One row per line; written by plugin gateways, never changed.

The key begins with the instance, so that its lines can go with it. A line whose
``size_so_far`` is beyond the limit says that those after it were not kept.
"""
