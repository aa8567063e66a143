"""Bringing a database to this release's schema in two phases, and refusing one that does not fit.

Schema changes expand first and contract later. What a migration marked ``expand``
changes, the release before can live with: old and new processes work side by side on
it. One marked ``contract`` takes away what only the release before needs, once none of
its processes runs. The end of the contract phase is written down (``release_level``):
a process of an older release that comes back is refused by it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.storage.database import Database
from flowyard.storage.errors import (
    ContractPendingError,
    ReleaseTooOldError,
    SchemaMismatchError,
)
from flowyard.storage.release import finish_upgrade, look_at_release

MIGRATIONS = Path(__file__).parent / "migrations"
"""Where the migrations lie."""

_MIGRATION_LOCK = 0x466C6F77
"""Advisory lock that keeps two migrations apart; any constant would do ("Flow" in ASCII)."""


_TURN_SECONDS = 0.2
"""How often whoever waits for its turn to migrate asks for it; nobody notices so little."""


class Phase(StrEnum):
    """The two halves of an upgrade."""

    EXPAND = "expand"
    """Before the first process of the new release starts."""
    CONTRACT = "contract"
    """After the last process of the old release has gone."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection where one is given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _scripts() -> list[Script]:
    """Return all migrations of this release, oldest first."""
    directory = ScriptDirectory.from_config(alembic_config())
    return list(directory.walk_revisions())[::-1]


def phase_of(script: Script) -> Phase:
    """Return the phase that a migration is marked with."""
    return Phase(script.module.phase)


def expected_revision() -> str:
    """Return the revision that this release's code needs: that of its last expansion."""
    expansions = [one.revision for one in _scripts() if phase_of(one) is Phase.EXPAND]
    if not expansions:
        raise SchemaMismatchError(found=None, expected="a migration")
    return expansions[-1]


async def upgrade(database: Database, phase: Phase | None = None) -> str:
    """Bring the database to this release's schema, and return its revision.

    Safe to call from several processes at once: one migrates, the others wait. One
    that is newer than this release stays as it is.

    Parameters
    ----------
    phase
        None does both, for a database that no other release works on. So does
        :attr:`Phase.EXPAND` with one that is empty.

    Raises
    ------
    ContractPendingError
        Raised if the schema cannot be expanded before the last upgrade is finished.
    """
    async with database.session() as connection, _alone(connection):
        found = await _revision(connection)
        if found is not None and not _is_known(found):
            return found
        is_whole = phase is not Phase.EXPAND or found is None
        target = _scripts()[-1].revision if is_whole else _expanded(_pending(found), found)
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), target))
        if is_whole:
            await finish_upgrade(connection, target)
        await connection.commit()
    return target


@asynccontextmanager
async def _alone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Wait until nobody else migrates, and keep others waiting.

    Whoever waited in a statement would keep an index from being built (``index_building``), which
    waits for all statements that began before it; so it is asked for again and again.
    """
    lock = {"lock": _MIGRATION_LOCK}
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), lock):
        await connection.rollback()
        await asyncio.sleep(_TURN_SECONDS)
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)
        await connection.rollback()


def _pending(found: str | None) -> Sequence[Script]:
    """Return the migrations behind a revision."""
    scripts = _scripts()
    known = [one.revision for one in scripts]
    return scripts[known.index(found) + 1 :] if found in known else scripts


def _expanded(pending: Sequence[Script], found: str | None) -> str:
    """Return how far a schema goes that the release before can live with."""
    target = found
    contraction: Script | None = None
    for one in pending:
        if phase_of(one) is Phase.CONTRACT:
            contraction = contraction or one
        elif contraction is not None:
            raise ContractPendingError(revision=contraction.revision)
        else:
            target = one.revision
    return target or expected_revision()


def _is_known(revision: str) -> bool:
    return revision in {one.revision for one in _scripts()}


async def _revision(connection: AsyncConnection) -> str | None:
    return await connection.run_sync(
        lambda sync: MigrationContext.configure(sync).get_current_revision()
    )


async def check_schema(database: Database) -> None:
    """Refuse a database that this release does not work on.

    A revision that this release does not know is newer: schema changes expand
    before they contract, so the release before them still works on it, until
    the upgrade is brought to its end.

    Raises
    ------
    SchemaMismatchError
        Raised if the database was never migrated or is at an older revision.
    ReleaseTooOldError
        Raised if an upgrade beyond this release was brought to its end.
    """
    async with database.transaction() as connection:
        found = await _revision(connection)
        expected = expected_revision()
        if found is None or expected in {one.revision for one in _pending_if_known(found)}:
            raise SchemaMismatchError(found=found, expected=expected)
        release = await look_at_release(connection)
    if release.revision is not None and not _is_known(release.revision):
        raise ReleaseTooOldError(revision=release.revision)


def _pending_if_known(found: str) -> Sequence[Script]:
    return _pending(found) if _is_known(found) else ()


def is_too_old_for(revision: str | None) -> bool:
    """Tell whether an upgrade that ended at a revision has left this release behind."""
    return revision is not None and not _is_known(revision)
