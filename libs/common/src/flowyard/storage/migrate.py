"""Bringing a database to this release's schema, and refusing one that is older."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from flowyard.storage.database import Database
from flowyard.storage.errors import SchemaMismatchError

MIGRATIONS = Path(__file__).parent / "migrations"
"""Where the migrations lie."""

_MIGRATION_LOCK = 0x466C6F77
"""Advisory lock that keeps two migrations apart; any constant would do ("Flow" in ASCII)."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection where one is given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def expected_revision() -> str:
    """Return the revision that this release's code needs."""
    head = _scripts().get_current_head()
    if head is None:
        raise SchemaMismatchError(found=None, expected="a migration")
    return head


async def upgrade(database: Database) -> str:
    """Bring the database to this release's schema, and return its revision.

    Safe to call from several processes at once: one migrates, the others wait.
    """
    async with database.transaction() as connection:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
        )
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
    return expected_revision()


async def check_schema(database: Database) -> None:
    """Refuse a database whose schema is older than this release's.

    A revision that this release does not know is newer: schema changes expand
    before they contract, so the release before them still works on it.

    Raises
    ------
    SchemaMismatchError
        Raised if the database was never migrated or is at an older revision.
    """
    async with database.transaction() as connection:
        found = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    expected = expected_revision()
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is None or (found in known and found != expected):
        raise SchemaMismatchError(found=found, expected=expected)
