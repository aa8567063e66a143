"""Runs an ASGI app in the loop that is already running."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from flowyard.errors import PermanentError

_log = logging.getLogger("flowyard.telemetry")

DRAIN_SECONDS = 5.0
"""How long open requests may take to end once the server stops."""

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection is kept.

Longer than the 60 s after which common proxies and our own clients drop theirs, so
that it is never the server that closes a connection on which a request is under way.
"""

TICK_SECONDS = 1.0
"""How often the date of the answers is renewed."""


class AddressError(PermanentError):
    """Raised if the address cannot be listened on."""

    code = "address_unavailable"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Expected to listen on {host}:{port}, but {reason}")
        self.host = host
        self.port = port


class AppStartupError(PermanentError):
    """Raised if the app's own start-up failed; its log line tells why."""

    code = "app_startup_failed"


class AppServer:
    """An ASGI app served over HTTP: listening on enter, drained on exit.

    Signals stay with whoever owns the process.

    Parameters
    ----------
    app
        The app; its lifespan is run.
    host, port
        Where to listen; port 0 takes a free one.
    drain_seconds
        How long open requests may take to end on exit; then they are cancelled.
    """

    def __init__(
        self, app: ASGIApp, host: str, port: int, *, drain_seconds: float = DRAIN_SECONDS
    ) -> None:
        self._app = app
        self._host = host
        self._wanted_port = port
        self._drain_seconds = drain_seconds
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._port

    @property
    def url(self) -> str:
        """Where a client on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        self._socket = _listen(self._host, self._wanted_port)
        self._port = self._socket.getsockname()[1]
        self._server = _Server(_config(self._app, self._drain_seconds))
        self._serving = asyncio.create_task(
            self._server.serve(sockets=[self._socket]), name=f"serve-{self._port}"
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.aclose)
            await self._server.wait_started(self._serving)
            stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop listening, let open requests end, then cut what is left; safe to call twice."""
        server, serving, listening = self._server, self._serving, self._socket
        self._server = self._serving = self._socket = None
        if server is None or serving is None or listening is None:
            return
        try:
            server.stop()
            with suppress(AppStartupError):
                await serving
            await server.cut_connections()
        finally:
            listening.close()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, its ``sys.exit`` and its ten wake-ups a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._running = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopping.set()

    async def wait_started(self, serving: asyncio.Task[None]) -> None:
        running = asyncio.create_task(self._running.wait())
        try:
            await asyncio.wait({running, serving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
        if serving.done():
            await serving

    async def cut_connections(self) -> None:
        tasks = list(self.server_state.tasks)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as exit_:
            raise AppStartupError("Expected the app to start, but its lifespan failed") from exit_
        self._running.set()

    @override
    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            # uvicorn counts tenths of a second.
            ticks += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TICK_SECONDS)


def _config(app: ASGIApp, drain_seconds: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="auto",
        ws="none",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        # uvicorn asks for whole seconds, but only hands them to asyncio.wait_for.
        timeout_graceful_shutdown=drain_seconds,  # type: ignore[arg-type]
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressError(host, port, f"the system says: {reason}") from error
    listening.setblocking(False)  # noqa: FBT003  # the standard library has no other way
    return listening
