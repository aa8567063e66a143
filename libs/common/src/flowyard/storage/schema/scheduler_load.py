"""Table ``scheduler_load``: how much waits in each scheduler's partitions, as of a second ago."""

from sqlalchemy import Column, Table, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA, UUID

scheduler_load = Table(
    "scheduler_load",
    METADATA,
    Column("scheduler_id", UUID, primary_key=True, comment="Of one process."),
    Column("load", JSON, nullable=False, comment="What waits in its partitions."),
    Column("reported_at", INSTANT, nullable=False, server_default=func.now()),
    postgresql_with={"fillfactor": "50"},
)
"""One row per scheduler process, written every second; nothing but admission goes by it."""
