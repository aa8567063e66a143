"""How far the last upgrade was brought to its end, and what that means for a running process."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.contracts.level import RecordLevel
from flowyard.contracts.topics import OLDEST_RECORD_VERSION, RECORD_VERSION
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.schema import release_level
from flowyard.tasks import stop

LOOK_SECONDS = 5.0
"""How often a running process looks: the end of an upgrade is no hurry."""

_log = logging.getLogger("flowyard.storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What all processes on a database are known to know."""

    revision: str | None
    """The schema that the last finished upgrade led to; None before the first."""
    record_version: int


async def look_at_release(connection: AsyncConnection) -> Release:
    """Return how far the last upgrade was brought to its end."""
    found = (
        await connection.execute(select(release_level.c.revision, release_level.c.record_version))
    ).one_or_none()
    if found is None:
        return Release(revision=None, record_version=OLDEST_RECORD_VERSION)
    return Release(revision=found.revision, record_version=found.record_version)


async def finish_upgrade(connection: AsyncConnection, revision: str) -> None:
    """Write down that every process knows a schema, and the newest records of this release."""
    values = {"revision": revision, "record_version": RECORD_VERSION}
    statement = insert(release_level).values(**values)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[release_level.c.is_single],
            set_={**values, "reached_at": func.now()},
            where=release_level.c.revision.is_distinct_from(revision)
            | release_level.c.record_version.is_distinct_from(RECORD_VERSION),
        )
    )


class ReleaseWatch:
    """Follows the end of upgrades while a process runs; an async context manager.

    Parameters
    ----------
    database
        Where it is written down.
    is_too_old_for
        Tells whether an upgrade to a revision has left this release behind.
    """

    def __init__(self, database: Database, is_too_old_for: Callable[[str | None], bool]) -> None:
        self._database = database
        self._is_too_old_for = is_too_old_for
        self._looking: asyncio.Task[None] | None = None
        self._revision: str | None = None
        self.level = RecordLevel()
        """Which version of the records is to be written."""
        self.is_current = True
        """False once an upgrade beyond this release was brought to its end; for readiness."""

    async def __aenter__(self) -> Self:
        """Look once, then again and again.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres does not answer.
        """
        await self.look()
        self._looking = asyncio.create_task(self._keep_looking(), name="release-watch")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; safe to call twice."""
        looking, self._looking = self._looking, None
        if looking is not None:
            await stop(looking)

    async def look(self) -> None:
        """Take note of what is written down now."""
        async with self._database.transaction() as connection:
            release = await look_at_release(connection)
        self.level.agree(release.record_version)
        if release.revision == self._revision:
            # Comparing means reading all migrations: once for each revision.
            return
        self._revision = release.revision
        self.is_current = not self._is_too_old_for(release.revision)
        if not self.is_current:
            _log.error(
                "An upgrade beyond this release was finished; this process has to go",
                extra={"schema_revision": release.revision},
            )

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except DatabaseUnavailableError:
                _log.debug("The release level could not be read")
            except Exception:  # noqa: BLE001  # logged, and tried again
                # The outermost loop: without it this process would write old records for ever.
                _log.exception("The release level could not be read")
