"""A TCP proxy whose links can be cut, silenced and slowed down.

It runs in a thread with a loop of its own. Every link leads from one process to one
server, so that a fault hits these two alone.
"""

import asyncio
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

import uvloop
from typing_extensions import override

from tests.support.ports import free_port

START_SECONDS = 10
RESET = struct.pack("ii", 1, 0)
"""Closing sends a reset instead of an orderly end."""


@dataclass(slots=True)
class _Condition:
    """How a link is; changed in the loop's thread alone."""

    is_cut: bool = False
    is_silent: bool = False
    delay_seconds: float = 0.0


class _Link:
    """One address that leads to another."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target_port = target_port
        self.condition = _Condition()
        self.ends: set[_End] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Front(self), "127.0.0.1", self.port, reuse_address=True
        )

    async def connect(self, front: "_Front") -> None:
        loop = asyncio.get_running_loop()
        try:
            _, back = await loop.create_connection(
                lambda: _Back(self), "127.0.0.1", self._target_port
            )
        except OSError:
            front.reset()
            return
        front.join(cast("_End", back))

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for end in tuple(self.ends):
            end.reset()

    def change(self, condition: _Condition) -> None:
        self.condition = condition
        for end in tuple(self.ends):
            if condition.is_cut:
                end.reset()
            else:
                end.take_note()


class _End(asyncio.Protocol):
    """One of the two ends of a connection through a link."""

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._transport: asyncio.Transport | None = None
        self._other: _End | None = None
        self._early: list[bytes] = []
        self._last_at = 0.0
        self._late: deque[bytes] = deque()
        self._is_full = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._link.ends.add(self)
        if self._link.condition.is_cut:
            self.reset()
        else:
            self.take_note()

    def join(self, other: "_End") -> None:
        """Become a pair; what came before is handed on."""
        if self._transport is None or self._transport.is_closing():
            other.reset()
            return
        self._other, other._other = other, self
        early, self._early = self._early, []
        for data in early:
            self.data_received(data)
        self.take_note()
        other.take_note()

    def take_note(self) -> None:
        """Read on, or not, as the link is now."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        is_blocked = self._link.condition.is_silent or (
            self._other is not None and self._other._is_full
        )
        if is_blocked and transport.is_reading():
            transport.pause_reading()
        elif not is_blocked and not transport.is_reading():
            transport.resume_reading()

    @override
    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
            return
        loop = asyncio.get_running_loop()
        at = max(self._last_at, loop.time() + self._link.condition.delay_seconds)
        if at <= loop.time() and not self._late:
            self._other.send(data)
            return
        # Whatever comes next must not overtake it; two timers of one instant have no order.
        self._last_at = at
        self._late.append(data)
        loop.call_at(at, self._send_next)

    def _send_next(self) -> None:
        if self._other is not None:
            self._other.send(self._late.popleft())

    def send(self, data: bytes) -> None:
        """Hand on what the other end has received."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    @override
    def pause_writing(self) -> None:
        self._is_full = True
        if self._other is not None:
            self._other.take_note()

    @override
    def resume_writing(self) -> None:
        self._is_full = False
        if self._other is not None:
            self._other.take_note()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._link.ends.discard(self)
        if self._other is not None:
            self._other.end()

    def end(self) -> None:
        """Close after all that was sent before, late as it may be."""
        if self._transport is None:
            return
        loop = asyncio.get_running_loop()
        other_at = 0.0 if self._other is None else self._other._last_at
        loop.call_at(max(other_at, loop.time()), self._transport.close)

    def reset(self) -> None:
        """Break the connection off."""
        if self._transport is None:
            return
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()


class _Front(_End):
    """The end that a client has connected to."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._link.condition.is_cut:
            self._connecting = asyncio.ensure_future(self._link.connect(self))


class _Back(_End):
    """The end that leads to the server."""


class Links:
    """All links of a run, by name; running while it is entered."""

    def __init__(self) -> None:
        self._links: dict[str, _Link] = {}
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="links", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._close_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    @property
    def names(self) -> list[str]:
        """All links, in the order in which they were added."""
        return list(self._links)

    def add(self, name: str, target_port: int) -> int:
        """Open a link to a port of this machine, and return the port where it begins."""
        link = _Link(target_port)
        asyncio.run_coroutine_threadsafe(link.listen(), self._loop).result(START_SECONDS)
        self._links[name] = link
        return link.port

    def cut(self, name: str) -> None:
        """Reset what is connected, and whatever connects."""
        self._change(name, _Condition(is_cut=True))

    def silence(self, name: str) -> None:
        """Let nothing through; what is sent meanwhile arrives when the link is healed."""
        self._change(name, _Condition(is_silent=True))

    def delay(self, name: str, seconds: float) -> None:
        """Let everything arrive later, in its order, both ways."""
        self._change(name, _Condition(delay_seconds=seconds))

    def heal(self, name: str) -> None:
        """Let a link be as it was at first."""
        self._change(name, _Condition())

    def _change(self, name: str, condition: _Condition) -> None:
        self._call(lambda: self._links[name].change(condition))

    def _close_all(self) -> None:
        for link in self._links.values():
            link.close()

    def _call(self, act: Callable[[], None]) -> None:
        async def acted() -> None:
            act()

        asyncio.run_coroutine_threadsafe(acted(), self._loop).result(START_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
