"""Table ``token``: named bearer tokens, stored as hashes."""

from sqlalchemy import Column, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

token = Table(
    "token",
    METADATA,
    Column("token_id", UUID, primary_key=True),
    Column("actor", Text, nullable=False, comment="Who acts with it; on every command row."),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 in hexadecimal."),
    Column("created_at", INSTANT, nullable=False, server_default=func.now()),
    Column("revoked_at", INSTANT),
)
"""One row per token."""
