"""The way from a worker to a plugin gateway, in place of HTTP.

A request is a task of the gateway's process, which outlives the worker that sent it; its lines
travel back in the pieces that the gateway writes. The link delays both, breaks in the middle,
and may hand a request over a second time, as a proxy that tries again does.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field

from flowyard.contracts.plugin_api import StepBatch
from flowyard_plugin_gateway.intake import StepIntake
from flowyard_worker.plugin_client import GatewayUnavailableError, LineReader
from flowyard_worker.wire import StepAnswer
from tests.support.simulation.loop import VirtualLoop
from tests.support.simulation.postgres.server import delay


@dataclass(slots=True, kw_only=True)
class Wire:
    """What happens to requests; shares are of requests, from 0 to 1."""

    random: random.Random
    longest_seconds: float = 0.0
    breaking: float = 0.0
    repeating: float = 0.0


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway that runs: where its steps are taken in, and whose tasks take them in."""

    intake: StepIntake
    context: Context
    calls: dict["_Call", None] = field(default_factory=dict)
    """Requests that it answers now."""

    def fall_shut(self) -> None:
        """Break all requests: the process has died."""
        for call in self.calls:
            call.tell(None)


class LinkedClient:
    """One plugin gateway as a worker sees it.

    Parameters
    ----------
    find
        Returns the gateway that runs behind the address now, or None.
    """

    def __init__(
        self, url: str, loop: VirtualLoop, wire: Wire, find: Callable[[], Door | None]
    ) -> None:
        self._url = url
        self._loop = loop
        self._wire = wire
        self._find = find
        self._calls: dict[_Call, None] = {}

    def hang_up(self) -> None:
        """End all requests: the process that sent them has died."""
        for call in self._calls:
            call.hang_up()

    @property
    def url(self) -> str:
        return self._url

    async def is_ready(self) -> bool:
        return self._find() is not None

    async def run(self, bodies: Sequence[bytes]) -> AsyncGenerator[list[StepAnswer]]:
        wire = self._wire
        arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        call = _Call(self._loop, wire, self._find, arrived)
        self._calls[call] = None
        body = b'{"steps":[' + b",".join(bodies) + b"]}"
        self._loop.in_world(delay(wire.random, wire.longest_seconds), call.hand_over, body)
        if wire.repeating and wire.random.random() < wire.repeating:
            again = _Call(self._loop, wire, self._find, asyncio.Queue())
            self._loop.in_world(wire.random.uniform(0, 3), again.hand_over, body)
        reader = LineReader(self._url)
        try:
            while (chunk := await arrived.get()) is not None:
                if not chunk:
                    reader.close()
                    return
                answers = reader.feed(chunk)
                if answers:
                    yield answers
        finally:
            del self._calls[call]
            call.hang_up()
        raise GatewayUnavailableError(f"Expected {self._url} to answer, but the link broke")


class _Call:
    """One request, seen from in between."""

    def __init__(
        self,
        loop: VirtualLoop,
        wire: Wire,
        find: Callable[[], Door | None],
        arrived: asyncio.Queue[bytes | None],
    ) -> None:
        self._loop = loop
        self._wire = wire
        self._find = find
        self._arrived = arrived
        self._serving: asyncio.Task[None] | None = None
        self._last_at = 0.0
        is_fragile = wire.breaking and wire.random.random() < wire.breaking
        self._breaks_after = wire.random.randrange(4) if is_fragile else None

    def hand_over(self, body: bytes) -> None:
        door = self._find()
        if door is None or self._breaks_after == 0:
            self.tell(None)
            return
        door.calls[self] = None
        self._serving = self._loop.create_task(self._serve(door, body), context=door.context)

    def hang_up(self) -> None:
        """Let the gateway know, some time, that nobody reads any more."""
        if self._serving is not None:
            self._loop.in_world(delay(self._wire.random, 1.0), self._serving.cancel)

    async def _serve(self, door: Door, body: bytes) -> None:
        batch = StepBatch.model_validate_json(body)
        chunks = door.intake.accept(batch).chunks()
        left = self._breaks_after
        try:
            async for chunk in chunks:
                if left is not None:
                    left -= 1
                    if left <= 0:
                        self.tell(None)
                        return
                self.tell(chunk)
            self.tell(b"")
        finally:
            del door.calls[self]
            await chunks.aclose()

    def tell(self, lines: bytes | None) -> None:
        """Have a piece of the answer arrive: nothing at its end, None when the link breaks."""
        wire, now = self._wire, self._loop.time()
        # What is sent later does not arrive earlier.
        self._last_at = max(self._last_at, now + delay(wire.random, wire.longest_seconds))
        self._loop.in_world(self._last_at - now, self._arrived.put_nowait, lines)
