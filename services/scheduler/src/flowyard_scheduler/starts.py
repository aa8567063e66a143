"""Which new instances begin now: those under way go first.

Theory of operation. A new instance is a command row like any other, but nothing
waits for it yet. It begins at once where there is room: in the windows of the
queues that it begins with, or, where these are full, as long as few instances of its
own project wait there. What has no room stands in line, by project and queue, and
projects take turns; so the steps of what runs wait for each other and not for
what came later, and one project's flood holds up nobody else. How many may begin
in one batch falls when batches take too long and rises again when they do not.

The line is no truth: who does not fit in, or is forgotten, is found by repair.
Children are part of their parents' work and never wait here; nor does an
instance that is asked for anything else but to start.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from flowyard.storage import starts
from flowyard.storage.advance_load import UNREADABLE, load_graph
from flowyard.storage.database import Database
from flowyard.storage.starts import Unstarted
from flowyard_scheduler.dispatch import MAX_CROWD
from flowyard_scheduler.memory import Memory

MOST_STARTS = 500
"""Most starts in one batch."""

FEW = MAX_CROWD
"""So many may begin without a further look while nothing waits: they are in nobody's way."""

LEAST_STARTS = 8
"""How many may begin in any case."""

MORE_STARTS = 25
"""By how many the starts of a batch grow from one batch to the next."""

LONG_BATCH_SECONDS = 0.1
"""A batch that takes longer holds up what runs: a tenth of a second is what people notice."""


class Starts:
    """Says which starts of an intake are for now, and which stand in line."""

    def __init__(self, *, database: Database, memory: Memory) -> None:
        self._database = database
        self._line = memory.starts
        self._dispatcher = memory.dispatcher
        self._holding = memory.holding
        self._clock = memory.clock
        self._most = MOST_STARTS
        self.has_more = False
        """Whether the next batch may begin more of the line, without anything else to happen."""

    def took(self, seconds: float) -> None:
        """Take note of how long a batch took, from its records to its publication."""
        if seconds > LONG_BATCH_SECONDS:
            self._most = max(LEAST_STARTS, self._most // 2)
        else:
            self._most = min(MOST_STARTS, self._most + MORE_STARTS)

    async def sort(self, doorbells: set[uuid.UUID]) -> set[uuid.UUID]:
        """Return whose open commands are to be read at once; the others stand in line now.

        Raises
        ------
        DatabaseUnavailableError
            Raised if Postgres breaks off.
        """
        is_quiet = not self._line and not self._dispatcher.is_crowded
        if not doorbells or (is_quiet and len(doorbells) <= FEW):
            return doorbells
        unknown = [one for one in doorbells if self._holding.get(one) is None]
        if unknown:
            async with self._database.hot() as connection:
                found = await starts.unstarted(connection, unknown)
                await self._read_graphs(connection, found)
            for one in found:
                self._line.add(one, self._queues(one))
            doorbells = doorbells.difference(one.instance_id for one in found)
        for instance_id in doorbells:
            self._line.discard(instance_id)
        return doorbells

    def begin(self) -> list[uuid.UUID]:
        """Return the instances whose turn has come; they leave the line."""
        begun = self._line.take(self._most, self._dispatcher, self._clock.monotonic())
        self.has_more = len(begun) == self._most and len(self._line) > 0
        return begun

    async def _read_graphs(
        self, connection: asyncpg.Connection, found: Sequence[Unstarted]
    ) -> None:
        graphs = self._holding.graphs
        for key in {(one.template_id, one.version) for one in found} - graphs.keys():
            with suppress(*UNREADABLE):
                graphs[key] = await load_graph(connection, *key)

    def _queues(self, one: Unstarted) -> tuple[str, ...]:
        """Return the queues that an instance begins with; none if its graph cannot be read."""
        graph = self._holding.graphs.get((one.template_id, one.version))
        return () if graph is None else graph.first_queues
