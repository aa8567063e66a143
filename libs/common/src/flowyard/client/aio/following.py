"""Follows what changes, across lost connections and restarts of the server."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from math import inf
from typing import Literal
from uuid import UUID

from flowyard.client.aio.connection import SILENCE_SECONDS, AsyncConnection
from flowyard.client.aio.operations.attempts import Attempts
from flowyard.client.aio.primitives import sleep
from flowyard.client.call import Call, segment
from flowyard.client.errors import NotFoundError, TooManyRequestsError, UnreachableError
from flowyard.client.events import EventReader, ServerEvent
from flowyard.client.live import LiveInstance
from flowyard.client.models import InstanceView, LogLineView
from flowyard.client.retrying import NO_RETRIES, Absence
from flowyard.errors import RetryableError

LOG_WAIT_SECONDS = 30.0
"""How long a server that has no streams of logs is asked to wait for a further line."""

LOOK_SECONDS = 1.0
"""How often one looks while the server has no room for a further stream."""

Level = Literal["debug", "info", "warning", "error"]
"""How much a line matters."""

SLACK_SECONDS = 1.0
"""How much later than asked for a wait may end: a stream is not opened anew for less."""


class Following:
    """Follows one instance.

    Parameters
    ----------
    connection, instance_id
        Whom to ask, and for what.
    items_below
        Leaves out items of maps from this index on; None leaves out none.
    deadline
        When to end, by the clock's monotonic seconds.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        instance_id: UUID | str,
        *,
        items_below: int | None = None,
        deadline: float = inf,
    ) -> None:
        self._connection = connection
        self._streams = connection.patient(NO_RETRIES)
        self._path = f"/api/v1/instances/{segment(instance_id)}"
        self._query = {"items_below": items_below}
        self._deadline = deadline
        self._live = LiveInstance()
        self._absence = Absence(retries=connection.retries, clock=connection.clock)

    @property
    def _left(self) -> float:
        return self._deadline - self._connection.clock.monotonic()

    async def views(self) -> AsyncGenerator[InstanceView, None]:
        """Yield the instance now and after every change, until it is final or the time is over.

        Raises
        ------
        ProblemError
            Raised if the server refuses it, as for an instance that does not exist.
        UnreachableError
            Raised if the server stays away for too long.
        """
        while not self._live.is_over and self._left > 0:
            try:
                async with aclosing(self._through_stream()) as views:
                    async for view in views:
                        yield view
            except TooManyRequestsError as refusal:
                yield await self._look()
                await self._rest(refusal.retry_after or LOOK_SECONDS)
            except RetryableError:
                pause = self._absence.pause()
                if pause is None:
                    raise
                await self._rest(pause)

    async def _through_stream(self) -> AsyncGenerator[InstanceView, None]:
        """Yield what one stream tells, until it ends or might outlast the deadline.

        How long a stream may be silent is said when it is opened. So it is opened once
        more towards the end, for as long as is left.
        """
        headers = {"last-event-id": self._live.seen}
        call = Call("GET", f"{self._path}/events", query=self._query, headers=headers)
        silence = min(SILENCE_SECONDS, self._left)
        reader = EventReader()
        async with self._streams.lines(call, silence=silence, deadline=self._deadline) as lines:
            async for line in lines:
                self._absence.end()
                event = reader.read(line)
                view = None if event is None else self._live.take(event)
                if view is not None:
                    yield view
                if self._live.is_over or (not line and self._left + SLACK_SECONDS < silence):
                    return
        # It has ended before the instance: its server stops, or has lost its database.
        await self._rest(self._connection.retries.first_pause_seconds)

    async def _look(self) -> InstanceView:
        """Return the instance as it is, where no stream is to be had."""
        call = Call("GET", self._path, query=self._query)
        view = await self._connection.fetch(call, InstanceView, deadline=self._deadline)
        self._absence.end()
        self._live.put(view)
        return view

    async def _rest(self, seconds: float) -> None:
        await sleep(max(0.0, min(seconds, self._left)))


async def follow_project(connection: AsyncConnection, project: str) -> AsyncIterator[ServerEvent]:
    """Yield ``open`` whenever a project's stream has been opened, and each of its events.

    Lists are to be read when it is opened: what has changed before is not told.

    Raises
    ------
    ProblemError, UnreachableError
        Raised as by :meth:`Following.views`.
    """
    absence = Absence(retries=connection.retries, clock=connection.clock)
    call = Call("GET", f"/api/v1/projects/{segment(project)}/events")
    while True:
        try:
            async with connection.lines(call) as lines:
                reader = EventReader()
                yield ServerEvent(event="open", data=None)
                async for line in lines:
                    absence.end()
                    event = reader.read(line)
                    if event is not None:
                        yield event
        except UnreachableError:
            pause = absence.pause()
            if pause is None:
                raise
            await sleep(pause)


class LogFollowing:
    """Follows the log of one attempt.

    What is there is read, what comes is streamed: the log of an attempt that has ended takes
    one request, and may lie in an archive. Servers without streams of logs are asked to wait
    instead, those that have no room for one more are read time and again.

    Parameters
    ----------
    connection, instance_id, node_id, number
        Whom to ask, and for what.
    after
        Begins behind this ``sequence``.
    level
        Leaves out what matters less.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        instance_id: UUID | str,
        node_id: str,
        number: int,
        *,
        after: int = 0,
        level: Level | None = None,
    ) -> None:
        self._attempts = Attempts(connection.patient(NO_RETRIES))
        self._attempt = (instance_id, node_id, number)
        self._after = after
        self._level: Level | None = level
        self._first_pause = connection.retries.first_pause_seconds
        self._absence = Absence(retries=connection.retries, clock=connection.clock)
        self._wait: float | None = None
        self._is_over = False

    async def lines(self) -> AsyncGenerator[LogLineView, None]:
        """Yield the lines, until the log is whole.

        Raises
        ------
        ProblemError
            Raised if the server refuses it, as for an attempt that there will never be.
        UnreachableError
            Raised if the server stays away for too long.
        """
        while not self._is_over:
            try:
                async with aclosing(self._news()) as lines:
                    async for line in lines:
                        self._after = line.sequence
                        yield line
            except RetryableError:
                pause = self._absence.pause()
                if pause is None:
                    raise
                await sleep(pause)

    async def _news(self) -> AsyncGenerator[LogLineView, None]:
        """Yield what is there, then what comes, until the log is whole or a stream has ended."""
        absent: NotFoundError | None = None
        try:
            page = await self._attempts.get_logs(
                *self._attempt, after=self._after, level=self._level, wait=self._wait
            )
        except NotFoundError as error:
            absent = error  # It may begin yet: then there is a stream.
        else:
            for line in page.lines:
                yield line
            self._after = page.next_after
            self._is_over = page.is_complete
        self._absence.end()
        if self._is_over or (self._wait and absent is None):
            return
        try:
            async with aclosing(self._through_stream()) as lines:
                async for line in lines:
                    yield line
        except NotFoundError:
            if absent is not None:
                raise absent from None
            self._wait = LOG_WAIT_SECONDS
        except TooManyRequestsError as refusal:
            await sleep(refusal.retry_after or LOOK_SECONDS)

    async def _through_stream(self) -> AsyncGenerator[LogLineView, None]:
        """Yield what one stream tells, until it ends."""
        stream = self._attempts.stream_logs(*self._attempt, after=self._after, level=self._level)
        async with stream as events:
            async for event in events:
                if event.event == "line":
                    yield LogLineView.model_validate(event.data)
                elif event.event == "end":
                    self._is_over = True
                    return
        # It has ended before the log: its server stops, or has lost its database.
        await sleep(self._first_pause)
