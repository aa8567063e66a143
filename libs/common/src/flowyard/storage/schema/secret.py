"""Table ``secret``: values that only the plugin gateway may open."""

from sqlalchemy import Column, ForeignKey, Table, Text, func

from flowyard.storage.schema.metadata import INSTANT, METADATA, UUID

secret = Table(
    "secret",
    METADATA,
    Column("project_id", UUID, ForeignKey("project.project_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False, comment="Fernet token under the gateway's key."),
    Column("actor", Text, nullable=False),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
)
"""One row per secret."""
