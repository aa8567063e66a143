"""All four services in one process: an embedded Postgres below, an in-process broker between."""

import asyncio
import socket
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import httpx

from flowyard.errors import RetryableError
from flowyard.messaging.local import LocalBroker
from flowyard.settings import SecretStr
from flowyard.storage.database import Database
from flowyard.storage.migrate import upgrade
from flowyard.storage.sealing import Sealer, new_key
from flowyard.telemetry.serving import AppServer
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings as ApiSettings
from flowyard_cli.data_folder import DataFolder
from flowyard_cli.demo_service import demo_app
from flowyard_cli.dev.lock import folder_lock
from flowyard_cli.dev.postgres import EmbeddedPostgres
from flowyard_cli.dev.seed import ensure_project_and_token
from flowyard_cli.errors import PortTakenError
from flowyard_cli.running import MayFail
from flowyard_cli.settings import DEFAULT_PARTITIONS
from flowyard_cli.topics import ensure_topics
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_plugin_gateway.settings import Settings as PluginGatewaySettings
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings as SchedulerSettings
from flowyard_worker.main import WorkerService
from flowyard_worker.settings import Settings as WorkerSettings

HOST = "127.0.0.1"
"""Everything listens on this machine alone: the database trusts whoever reaches it."""

DEMO_PORT = 8090
"""Where the service of the release example listens, if nobody else does."""

IN_PROCESS = "in-process"
"""Stands where the address of a broker would; nothing connects to it."""

DRAIN_SECONDS = 10.0
"""How long running steps may take to end after Ctrl-C; a person waits."""

READY_SECONDS = 60.0
"""How long the services may take; after a crash they first look at what was running."""

_LOOK_SECONDS = 0.02


class NotReadyError(RetryableError):
    """Raised when a service does not become ready."""

    code = "not_ready"


class _Service(Protocol):
    @property
    def url(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOptions:
    """What may be chosen about ``flowyard dev``."""

    folder: DataFolder
    port: int
    """0 takes a free one."""
    has_demo: bool = True
    """Also runs the small service that the release example releases."""


class DevServer:
    """The services on one data folder: started on enter, drained on exit, safe to close twice.

    Parameters
    ----------
    options
        Where and on which port.
    """

    def __init__(self, options: DevOptions) -> None:
        self._options = options
        self._stack = AsyncExitStack()
        self._services: list[_Service] = []
        self.address = ""
        """Address of the API, once entered."""
        self.demo_address = ""
        """Address of the demo service; empty without it."""
        self.token = ""
        """Bearer token of the person who owns the data folder."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _start(self, stack: AsyncExitStack) -> None:
        folder = self._options.folder
        folder.create()
        stack.enter_context(folder_lock(folder))
        port = _free_port(self._options.port)
        postgres = EmbeddedPostgres(folder.postgres)
        await asyncio.to_thread(postgres.__enter__)
        stack.push(postgres.__exit__)
        key = folder.keep_secret(folder.secret_key_file, new_key)
        async with Database(postgres.url) as database:
            await upgrade(database)
            self.token = await ensure_project_and_token(database, folder, Sealer(key))
        await self._start_services(stack, postgres.url, SecretStr(key), port)
        folder.address_file.write_text(f"{self.address}\n")

    async def _start_services(
        self, stack: AsyncExitStack, database_url: str, key: SecretStr, port: int
    ) -> None:
        broker = await stack.enter_async_context(LocalBroker())
        await ensure_topics(broker, partitions=DEFAULT_PARTITIONS)
        settings = _Settings(
            database_url=database_url,
            key=key,
            port=port,
            archive_url=self._options.folder.archive_url,
        )
        gateway = await stack.enter_async_context(PluginGatewayService(settings=settings.gateway()))
        worker = WorkerService(settings=settings.worker(gateway.url), broker=broker)
        scheduler = SchedulerService(settings=settings.scheduler(), broker=broker)
        api = ApiService(settings=settings.api(), broker=broker)
        self._services = [gateway, worker, scheduler, api]
        for service in (worker, scheduler, api):
            await stack.enter_async_context(service)
        self.address = api.url
        if self._options.has_demo:
            self.demo_address = await _start_demo(stack)
        await self._await_ready()

    async def _await_ready(self) -> None:
        """Return when every service is ready; one that fails by itself raises here."""
        waiting = asyncio.ensure_future(self._await_each_ready())
        failing = asyncio.ensure_future(self.wait_failed())
        try:
            await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
            if failing.done():
                failing.result()
            await waiting
        finally:
            waiting.cancel()
            failing.cancel()

    async def _await_each_ready(self) -> None:
        await asyncio.gather(*(_await_ready(service.url) for service in self._services))

    async def wait_failed(self) -> None:
        """Return, or raise why, once one of the services has ended by itself."""
        watched = [service for service in self._services if isinstance(service, MayFail)]
        if not watched:
            await asyncio.Event().wait()
        tasks = [asyncio.ensure_future(service.wait_failed()) for service in watched]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            task.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """The settings of each service; those given here win over the environment's."""

    database_url: str
    key: SecretStr
    port: int
    archive_url: str

    @property
    def public_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def gateway(self) -> PluginGatewaySettings:
        return PluginGatewaySettings(
            host=HOST,
            port=0,
            database_url=self.database_url,
            secret_key=self.key,
            callback_url=self.public_url,
            drain_seconds=DRAIN_SECONDS,
        )

    def worker(self, gateway_url: str) -> WorkerSettings:
        return WorkerSettings(
            host=HOST,
            port=0,
            kafka_servers=IN_PROCESS,
            plugin_gateway_urls=(gateway_url,),
            drain_seconds=DRAIN_SECONDS,
        )

    def scheduler(self) -> SchedulerSettings:
        return SchedulerSettings(
            host=HOST,
            port=0,
            database_url=self.database_url,
            kafka_servers=IN_PROCESS,
            partitions=DEFAULT_PARTITIONS,
            public_url=self.public_url,
        )

    def api(self) -> ApiSettings:
        return ApiSettings(
            host=HOST,
            port=self.port,
            database_url=self.database_url,
            kafka_servers=IN_PROCESS,
            public_url=self.public_url,
            partitions=DEFAULT_PARTITIONS,
            archive_url=self.archive_url,
        )


async def _await_ready(url: str) -> None:
    """Return when the service at an address is ready.

    Raises
    ------
    NotReadyError
        Raised if that takes longer than it ever should on one machine.
    """
    deadline = time.monotonic() + READY_SECONDS
    answer = "no answer"
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                response = await client.get(f"{url}/readyz")
                if response.is_success and all(response.json()["checks"].values()):
                    return
                answer = response.text
            await asyncio.sleep(_LOOK_SECONDS)
    raise NotReadyError(f"Expected {url} to be ready within {READY_SECONDS:.0f} s, but: {answer}")


async def _start_demo(stack: AsyncExitStack) -> str:
    port = DEMO_PORT if _is_free(DEMO_PORT) else 0
    demo = await stack.enter_async_context(AppServer(demo_app(), HOST, port))
    return demo.url


def _free_port(port: int) -> int:
    """Return a port that is free now: the wanted one, or any for 0."""
    if port != 0 and not _is_free(port):
        raise PortTakenError(port)
    if port != 0:
        return port
    with socket.create_server((HOST, 0)) as listening:
        found: int = listening.getsockname()[1]
    return found


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True
