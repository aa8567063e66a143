"""Reading the log of an attempt: what is there, or what comes within a time."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.clock import Clock
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.log_lines import (
    LOG_LEVELS,
    AttemptLogState,
    LogLine,
    find_log_state,
    list_log_lines,
)
from flowyard_api.catalog import Graphs
from flowyard_api.changes import ChangeFeed
from flowyard_api.models.logs import Level, LogLineView, LogPageView
from flowyard_api.usecases.archived_rows import ArchiveReader
from flowyard_api.usecases.instance_rows import InstanceRows, find_rows
from flowyard_api.usecases.operating import UnknownNodeError

LOOK_SECONDS = 0.25
"""Time between two looks at a log that is waited for: lines are told by nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which part of which log is wanted."""

    instance_id: uuid.UUID
    node_id: str
    number: int
    after: int
    level: Level
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReader:
    """Reads logs of attempts.

    Parameters
    ----------
    database
        Where they are.
    graphs
        The graphs of the instances' versions.
    changes
        Tells of instances that change, so that the end of an attempt is seen at once.
    clock
        Measures how long a log is waited for.
    archive
        Where they are otherwise.
    """

    database: Database
    graphs: Graphs
    changes: ChangeFeed
    clock: Clock
    archive: ArchiveReader

    async def read(self, wanted: LogRequest) -> LogPageView:
        """Return what there is.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance, or no such attempt of the node.
        UnknownNodeError
            Raised if its graph has no such node.
        """
        async with self.database.snapshot() as connection:
            state = await find_log_state(
                connection, wanted.instance_id, wanted.node_id, wanted.number
            )
            if state is None:
                return await self._read_archived(connection, wanted)
            lines = await list_log_lines(
                connection,
                wanted.instance_id,
                wanted.node_id,
                wanted.number,
                after=wanted.after,
                level=wanted.level,
                limit=wanted.limit + 1,
            )
        return _page(wanted, lines, state)

    async def _read_archived(self, connection: AsyncConnection, wanted: LogRequest) -> LogPageView:
        """Return what an archive holds of a log, or raise where there is none either."""
        rows = await find_rows(connection, wanted.instance_id, self.archive)
        state = await rows.log_state(wanted.node_id, wanted.number)
        if state is None:
            raise await self._absent(connection, wanted, rows)
        lines = await rows.log_lines(
            wanted.node_id,
            wanted.number,
            after=wanted.after,
            level=wanted.level,
            limit=wanted.limit + 1,
        )
        return _page(wanted, lines, state)

    async def expect(self, wanted: LogRequest) -> list[LogLine] | None:
        """Make sure that there is a log, or may be one as long as the instance goes on.

        Returns
        -------
        list
            Lines of all levels, where the log lies in an archive and is not to be followed; else
            None.

        Raises
        ------
        NotFoundError
            Raised if there is no such instance, or it has ended without that attempt.
        UnknownNodeError
            Raised if its graph has no such node.
        """
        async with self.database.snapshot() as connection:
            state = await find_log_state(
                connection, wanted.instance_id, wanted.node_id, wanted.number
            )
            if state is not None:
                return None
            rows = await find_rows(connection, wanted.instance_id, self.archive)
            if await rows.log_state(wanted.node_id, wanted.number) is not None:
                return await rows.log_lines(
                    wanted.node_id,
                    wanted.number,
                    after=wanted.after,
                    level=LOG_LEVELS[0],
                    limit=wanted.limit,
                )
            absent = await self._absent(connection, wanted, rows)
            if isinstance(absent, UnknownNodeError) or rows.row.status in FINAL_INSTANCE_STATUSES:
                raise absent
        return None

    async def wait(self, wanted: LogRequest, seconds: float) -> LogPageView:
        """Return what there is as soon as there is something, or as it is when the time is over.

        Raises like :meth:`read`.
        """
        deadline = self.clock.monotonic() + seconds
        with self.changes.subscribe(wanted.instance_id) as subscription:
            while True:
                page = await self.read(wanted)
                left = deadline - self.clock.monotonic()
                if page.lines or page.is_complete or left <= 0 or subscription.is_closed:
                    return page
                await subscription.changed(min(LOOK_SECONDS, left))

    async def _absent(
        self, connection: AsyncConnection, wanted: LogRequest, rows: InstanceRows
    ) -> Exception:
        graph = await self.graphs.find(connection, rows.row.template_id, rows.row.version)
        reached = await rows.nodes(node_id=wanted.node_id)
        if graph.find(wanted.node_id) is None and not reached:
            return UnknownNodeError(f"Expected a node of the graph, but {wanted.node_id} is none")
        return NotFoundError("attempt", f"{wanted.number} of node {wanted.node_id}")


def _page(wanted: LogRequest, lines: list[LogLine], state: AttemptLogState) -> LogPageView:
    shown = [
        LogLineView.model_validate(line, from_attributes=True) for line in lines[: wanted.limit]
    ]
    has_more = len(lines) > wanted.limit
    if has_more:
        # What is left out behind the last shown line has not been looked at.
        return LogPageView(lines=shown, next_after=shown[-1].sequence, is_complete=False)
    return LogPageView(
        lines=shown,
        next_after=max(wanted.after, state.last_sequence),
        is_complete=state.is_closed,
    )
