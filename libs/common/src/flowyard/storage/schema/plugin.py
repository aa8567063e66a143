"""Table ``plugin``: what the plugin gateways host, so that others need not ask them."""

from sqlalchemy import Boolean, CheckConstraint, Column, Table, Text, false, func

from flowyard.storage.schema.metadata import INSTANT, JSON, METADATA

plugin = Table(
    "plugin",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("idempotency", Text, nullable=False, comment="always, never or by_inputs."),
    Column("inputs_schema", JSON, nullable=False, comment="JSON Schema of the inputs."),
    Column("outputs_schema", JSON, nullable=False, comment="JSON Schema of the outputs."),
    Column("is_cancellable", Boolean, nullable=False, server_default=false()),
    Column("updated_at", INSTANT, nullable=False, server_default=func.now()),
    CheckConstraint("idempotency IN ('always', 'never', 'by_inputs')", name="idempotency"),
)
"""One row per version of a plugin; written by a plugin gateway at its start."""
