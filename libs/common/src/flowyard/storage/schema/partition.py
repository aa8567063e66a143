"""Table ``partition_broker``: which broker each partition was last driven through."""

from sqlalchemy import Column, SmallInteger, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA

partition_broker = Table(
    "partition_broker",
    METADATA,
    Column("partition", SmallInteger, primary_key=True),
    Column("broker_id", Text, nullable=False, comment="Identity of the topic's incarnation."),
    Column("assigned_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per partition; through another broker, all open steps are published again."""
