"""Table ``runner``: which plugin gateway processes are alive."""

from sqlalchemy import Column, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

runner = Table(
    "runner",
    METADATA,
    Column("boot_id", UUID, primary_key=True, comment="New at every start."),
    Column("host", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False, server_default=func.now()),
    Column("renewed_at", INSTANT, nullable=False, server_default=func.now()),
    postgresql_with={"fillfactor": "50"},
)
"""One row per process; one that is not renewed for 5 s is dead."""
