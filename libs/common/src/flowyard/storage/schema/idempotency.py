"""Table ``idempotency``: answers of writes, kept for a repeated key."""

from sqlalchemy import Column, Index, Integer, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA

idempotency = Table(
    "idempotency",
    METADATA,
    Column("actor", Text, primary_key=True),
    Column("project", Text, primary_key=True, comment="Empty outside projects."),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, comment="HTTP status of the answer; NULL while in flight."),
    Column("response", JSON),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Index("idempotency_created_idx", "created_at"),
)
"""One row per key, kept for 24 h."""
