"""The metadata that all tables belong to, and the column types they share."""

from sqlalchemy import DateTime, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
"""Names every constraint the same way, so that migrations can refer to them."""

INSTANT = DateTime(timezone=True)
"""An aware point in time."""

UUID = Uuid(as_uuid=True)
"""An identifier."""

JSON = JSONB(none_as_null=True)
"""Anything that JSON can hold; None becomes NULL."""
