"""Table ``sealing_key``: for whom values are sealed that only plugin gateways may open."""

from sqlalchemy import Column, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA

sealing_key = Table(
    "sealing_key",
    METADATA,
    Column("public_key", Text, primary_key=True, comment="X25519, in URL-safe base64."),
    Column("announced_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per key that a plugin gateway has announced; the latest one is used."""
