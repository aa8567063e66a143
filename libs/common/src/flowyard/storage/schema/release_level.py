"""Table ``release_level``: how far the last upgrade was brought to its end."""

from sqlalchemy import Boolean, CheckConstraint, Column, SmallInteger, Table, Text, func, true

from flowyard.storage.schema.metadata import INSTANT, METADATA

release_level = Table(
    "release_level",
    METADATA,
    Column("is_single", Boolean, primary_key=True, server_default=true()),
    Column("revision", Text, nullable=False, comment="Releases that do not know it are too old."),
    Column("record_version", SmallInteger, nullable=False, comment="What all members know."),
    Column("reached_at", INSTANT, nullable=False, server_default=func.now()),
    CheckConstraint("is_single", name="single"),
)
"""One row, written by the contract phase of an upgrade."""
