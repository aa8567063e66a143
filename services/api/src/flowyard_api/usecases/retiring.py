"""Retention: ended instances are moved to an archive or deleted, batch by batch.

Theory of operation: one process at a time works on a project, under an advisory lock that goes
with its connection. A batch is one transaction: the rows are deleted and come back, are written
to a file, the file is made to last, what is kept of the instances is stored, and only then does
the transaction commit. Killed at any point, a process leaves either everything in the database,
with a file that nobody reads, or everything in the file. The file's row is committed before it
is begun, so that whoever comes next finds and removes what a dead one has left.

Nothing of a live instance is locked. Between two batches there is a pause, the longer the
slower a batch was: what is busy anyway is left more time.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.archive.errors import ArchiveUnavailableError
from flowyard.archive.file_format import SUFFIX, ArchiveWriter
from flowyard.archive.places import ArchivePlace, NewFile
from flowyard.clock import Clock
from flowyard.errors import FlowyardError
from flowyard.ids import new_id
from flowyard.storage import archives, retiring
from flowyard.storage.database import Database, driver_of
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.migrate import expected_revision
from flowyard.storage.retention import ProjectRule, RetentionMode, Rule, count_ripe, list_rules
from flowyard.storage.retiring import RipePlace, TakenInstance
from flowyard.telemetry.metrics import Metrics

BATCH_INSTANCES = 100
"""Most instances of a batch; what they have started comes on top."""

BATCH_BYTES = 8 * 1024 * 1024
"""A batch takes no further instance once its file is so large."""

TURN_BATCHES = 20
"""Batches of one project before it is the next one's turn."""

_log = logging.getLogger("flowyard.api")


class NoArchivePlaceError(FlowyardError):
    """Raised when instances are to be archived and nobody has said where."""

    code = "no_archive_place"


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run has done."""

    archived: int = 0
    """Instances, those that others had started included."""
    deleted: int = 0
    """Instances, those that others had started included."""
    files: list[str] = field(default_factory=list)
    """Names of the files that were written."""
    failed: int = 0
    """Batches that stayed as they were."""
    seen: dict[uuid.UUID, RipePlace] = field(default_factory=dict)
    """The last instance of each project that was looked at, whether it went or stayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Moves ended instances out of the database.

    Parameters
    ----------
    place
        Where archives go; None where nobody has said.
    default
        What holds where a project has no rule of its own.
    share
        How much of the time may be spent on it at most, above 0 and up to 1.
    """

    database: Database
    place: ArchivePlace | None
    default: Rule
    metrics: Metrics
    clock: Clock
    share: float = 1.0

    async def run(self, stopping: asyncio.Event, *, project_id: uuid.UUID | None = None) -> Tally:
        """Move out what is old enough, until nothing is left of it or the process stops.

        Parameters
        ----------
        project_id
            Takes this project only.
        """
        tally = Tally()
        done: set[uuid.UUID] = set()
        while not stopping.is_set():
            rules = [one for one in await self.rules(project_id) if not one.rule.is_keeping]
            waiting = [one for one in rules if one.project_id not in done]
            if not waiting:
                break
            # In turns, so that a project that has much does not keep the others waiting for hours.
            for one in waiting:
                if await self._retire(one, tally, stopping):
                    done.add(one.project_id)
        return tally

    async def rules(self, project_id: uuid.UUID | None = None) -> list[ProjectRule]:
        """Return what holds for each project, or for one."""
        async with self.database.transaction() as connection:
            return await list_rules(connection, self.default, project_id=project_id)

    async def look(self) -> int:
        """Return how many instances are old enough and still there, and count them."""
        total = 0
        for one in await self.rules():
            if not one.rule.is_keeping:
                async with self.database.transaction() as connection:
                    ripe = await count_ripe(connection, one.project_id, one.rule.after)
                total += ripe.instances
        self.metrics.set("flowyard_api_retirable_instances", total)
        return total

    async def _retire(self, one: ProjectRule, tally: Tally, stopping: asyncio.Event) -> bool:
        """Do a project's turn, and tell whether it was the last one of this run."""
        try:
            async with self._alone(one.project_id) as connection:
                if connection is None:
                    return True
                return await self._work_off(connection, one.project_id, tally, stopping)
        except (ArchiveUnavailableError, DatabaseUnavailableError, NoArchivePlaceError) as error:
            tally.failed += 1
            is_archive = not isinstance(error, DatabaseUnavailableError)
            self.metrics.count(
                "flowyard_api_retire_failures_total",
                reason="archive" if is_archive else "database",
            )
            _log.warning(
                "Ended instances stay for now",
                extra={"project": one.project, "reason": str(error)},
            )
            return True

    @asynccontextmanager
    async def _alone(self, project_id: uuid.UUID) -> AsyncIterator[AsyncConnection | None]:
        """Borrow a connection that keeps others off a project; None where one does already."""
        async with self.database.session() as connection:
            is_mine = await retiring.lock_project(await driver_of(connection), project_id)
            await connection.commit()
            try:
                yield connection if is_mine else None
            finally:
                await connection.rollback()
                if is_mine:
                    await retiring.unlock_project(await driver_of(connection), project_id)
                    await connection.commit()

    async def _work_off(
        self,
        connection: AsyncConnection,
        project_id: uuid.UUID,
        tally: Tally,
        stopping: asyncio.Event,
    ) -> bool:
        """Move some batches out, and tell whether nothing is left."""
        await self._clear_leftovers(connection, project_id)
        for _ in range(TURN_BATCHES):
            if stopping.is_set():
                break
            began = self.clock.monotonic()
            last = await self._move_batch(connection, project_id, tally)
            if last is None:
                return True
            tally.seen[project_id] = last
            took = self.clock.monotonic() - began
            self.metrics.observe("flowyard_api_retire_batch_seconds", took)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), took * (1 / self.share - 1))
        return False

    async def _move_batch(
        self, connection: AsyncConnection, project_id: uuid.UUID, tally: Tally
    ) -> RipePlace | None:
        """Move a batch out, and return the last that was looked at; None if nothing is left."""
        # Looked up for each: whoever says "keep" must not see things go for hours.
        one = next(iter(await list_rules(connection, self.default, project_id=project_id)), None)
        if one is None or one.rule.is_keeping:
            return None
        ripe = await retiring.find_ripe(
            await driver_of(connection),
            project_id,
            one.rule.after,
            behind=tally.seen.get(project_id),
            limit=BATCH_INSTANCES,
        )
        if not ripe:
            return None
        if one.rule.mode is RetentionMode.DELETE:
            return await self._delete(connection, ripe, tally)
        return await self._archive(connection, one, ripe, tally)

    async def _clear_leftovers(self, connection: AsyncConnection, project_id: uuid.UUID) -> None:
        """Remove files that a process left which died before anything had gone into them."""
        driver = await driver_of(connection)
        for archive_id, name in await archives.find_unfinished(driver, project_id):
            await asyncio.to_thread(self._known_place().remove, name)
            await archives.forget_archive(driver, archive_id)
            _log.info("Removed an archive that was never finished", extra={"archive": name})
        await connection.commit()

    async def _delete(
        self, connection: AsyncConnection, ripe: list[RipePlace], tally: Tally
    ) -> RipePlace:
        driver = await driver_of(connection)
        trees = await retiring.lock_trees(driver, [one.instance_id for one in ripe])
        ids = [instance_id for tree in trees.values() for instance_id in tree]
        await retiring.drop_rows(driver, ids)
        await connection.commit()
        tally.deleted += len(ids)
        self._count(RetentionMode.DELETE, len(ids))
        return ripe[-1]

    async def _archive(
        self,
        connection: AsyncConnection,
        one: ProjectRule,
        ripe: list[RipePlace],
        tally: Tally,
    ) -> RipePlace:
        """Move one file's worth of instances out, and return the last that was looked at."""
        place = self._known_place()
        driver = await driver_of(connection)
        trees = await retiring.lock_trees(driver, [root.instance_id for root in ripe])
        if not trees:
            await connection.rollback()
            return ripe[-1]
        batch = Batch(archive_id=new_id(), project=one, at=self.clock)
        async with self.database.transaction() as beside:
            await archives.begin_archive(
                await driver_of(beside), batch.archive_id, one.project_id, batch.name
            )
        file = await asyncio.to_thread(place.create, batch.name)
        try:
            last = await batch.fill(driver, file, ripe, trees)
            await asyncio.to_thread(file.commit)
        finally:
            await asyncio.to_thread(file.discard)
        await batch.finish(driver)
        await connection.commit()
        tally.archived += batch.instances
        tally.files.append(batch.name)
        self._count(RetentionMode.ARCHIVE, batch.instances, archive=batch.name)
        return last

    def _known_place(self) -> ArchivePlace:
        if self.place is None:
            raise NoArchivePlaceError(
                "Expected a place for archives, but FLOWYARD_API_ARCHIVE_URL is not set"
            )
        return self.place

    def _count(self, mode: RetentionMode, instances: int, **facts: object) -> None:
        if instances:
            self.metrics.count("flowyard_api_retired_instances_total", instances, mode=mode)
            _log.info(
                "Moved ended instances out",
                extra={"mode": mode, "count": instances, **facts},
            )


class Batch:
    """One file, and what goes into it.

    Parameters
    ----------
    archive_id
        Its own.
    project
        Whose instances they are.
    at
        Tells the month whose folder it lies in.
    """

    def __init__(self, *, archive_id: uuid.UUID, project: ProjectRule, at: Clock) -> None:
        now = at.now()
        self.archive_id = archive_id
        self.name = f"{project.project}/{now:%Y/%m}/{archive_id}{SUFFIX}"
        """Of the file."""
        self.size = 0
        """Bytes of the file, once it is filled."""
        self._head = {
            "archive_id": str(archive_id),
            "project": project.project,
            "project_id": str(project.project_id),
            "written_at": now.isoformat(),
            "schema": expected_revision(),
        }
        self._sha256 = ""
        self._placed: list[tuple[TakenInstance, retiring.ArchivePlace]] = []
        self._versions: set[tuple[uuid.UUID, int]] = set()

    @property
    def instances(self) -> int:
        """How many it holds."""
        return len(self._placed)

    async def fill(
        self,
        connection: asyncpg.Connection,
        file: NewFile,
        ripe: Iterable[RipePlace],
        trees: dict[uuid.UUID, list[uuid.UUID]],
    ) -> RipePlace:
        """Take instances until the file is large enough; return the last that was looked at."""
        writer = ArchiveWriter(file, self._head)
        await writer.begin()
        for last in ripe:
            ids = trees.get(last.instance_id)
            if ids is not None:
                await self._take(connection, writer, ids)
            if writer.size >= BATCH_BYTES:
                break
        await writer.finish()
        self.size, self._sha256 = writer.size, writer.sha256
        return last

    async def _take(
        self, connection: asyncpg.Connection, writer: ArchiveWriter, ids: list[uuid.UUID]
    ) -> None:
        taken = await retiring.take_instances(connection, ids)
        ran = {(one.template_id, one.version) for one, _ in taken} - self._versions
        self._versions |= ran
        for line in await retiring.find_versions(connection, ran) if ran else ():
            await writer.add(line.encode())
        for _, line in taken:
            await writer.add(line.encode(), is_instance=True)
        async for line in retiring.take_rows(connection, ids):
            await writer.add(line.encode())
        part = await writer.end_part()
        place = retiring.ArchivePlace(
            archive_id=self.archive_id, start=part.start, length=part.length
        )
        self._placed += [(one, place) for one, _ in taken]

    async def finish(self, connection: asyncpg.Connection) -> None:
        """Note in the same transaction where everything has gone.

        Raises
        ------
        DatabaseUnavailableError
            Raised if another process has given the file up: this one lost its lock.
        """
        is_mine = await archives.finish_archive(
            connection,
            self.archive_id,
            size=self.size,
            sha256=self._sha256,
            placed=self._placed,
        )
        if not is_mine:
            raise DatabaseUnavailableError("Expected an archive of this process, but it was lost")
