"""Table ``concurrency_slot``: attempts with a concurrency key, working or in line."""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text, func, text

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

concurrency_slot = Table(
    "concurrency_slot",
    METADATA,
    Column("instance_id", UUID, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("project_id", UUID, nullable=False),
    Column("key", Text, nullable=False),
    Column("limit", Integer, nullable=False),
    Column("position", BigInteger, Identity(always=True), nullable=False),
    Column("asked_at", INSTANT, nullable=False, server_default=func.now()),
    Column("granted_at", INSTANT),
    Column("releasing_at", INSTANT),
    Index(
        "concurrency_slot_releasing_idx",
        "releasing_at",
        postgresql_where=text("releasing_at IS NOT NULL"),
    ),
    Index(
        "concurrency_slot_granted_idx",
        "project_id",
        "key",
        postgresql_where=text("granted_at IS NOT NULL"),
    ),
    Index(
        "concurrency_slot_line_idx",
        "project_id",
        "key",
        "position",
        postgresql_where=text("granted_at IS NULL"),
    ),
)
"""One row per open attempt whose node has a concurrency key; granted in order of position.

A row goes with its attempt, in the same transaction: what a crash leaves is true. Where the
attempt was closed from outside, the row is releasing until its plugin is known to have stopped.
"""
