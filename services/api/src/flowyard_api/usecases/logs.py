"""Reading the log of an attempt: what is there, or what comes within a time."""

import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flowyard.clock import Clock
from flowyard.storage.database import Database
from flowyard.storage.errors import NotFoundError
from flowyard.storage.instances import find_instance
from flowyard.storage.log_lines import AttemptLogState, find_log_state, list_log_lines
from flowyard.storage.nodes import list_nodes
from flowyard_api.catalog import Graphs
from flowyard_api.changes import ChangeFeed
from flowyard_api.models.logs import Level, LogLineView, LogPageView
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
    """

    database: Database
    graphs: Graphs
    changes: ChangeFeed
    clock: Clock

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
                raise await self._absent(connection, wanted)
            lines = await list_log_lines(
                connection,
                wanted.instance_id,
                wanted.node_id,
                wanted.number,
                after=wanted.after,
                level=wanted.level,
                limit=wanted.limit + 1,
            )
        views = [LogLineView.model_validate(line, from_attributes=True) for line in lines]
        return _page(wanted, views, state)

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

    async def _absent(self, connection: AsyncConnection, wanted: LogRequest) -> Exception:
        row = await find_instance(connection, wanted.instance_id)
        graph = await self.graphs.find(connection, row.template_id, row.version)
        reached = await list_nodes(connection, wanted.instance_id, node_id=wanted.node_id)
        if wanted.node_id not in graph.nodes and not reached:
            return UnknownNodeError(f"Expected a node of the graph, but {wanted.node_id} is none")
        return NotFoundError("attempt", f"{wanted.number} of node {wanted.node_id}")


def _page(wanted: LogRequest, lines: list[LogLineView], state: AttemptLogState) -> LogPageView:
    shown = lines[: wanted.limit]
    has_more = len(lines) > wanted.limit
    if has_more:
        # What is left out behind the last shown line has not been looked at.
        return LogPageView(lines=shown, next_after=shown[-1].sequence, is_complete=False)
    return LogPageView(
        lines=shown,
        next_after=max(wanted.after, state.last_sequence),
        is_complete=state.is_closed,
    )
