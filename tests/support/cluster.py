"""A whole Flowyard of separate processes, on a real Postgres and a real Kafka."""

import asyncio
import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from tests.support.api_driver import ApiDriver
from tests.support.compose import SERVICES, compose_environment
from tests.support.kafka import KafkaServer
from tests.support.ports import free_port
from tests.support.postgres15 import PostgresServer
from tests.support.processes import ServiceProcess, command_line, flowyard_environment

MOST_GATEWAYS = 2
COMMAND_SECONDS = 120
LIVE_RUNNERS = "SELECT boot_id FROM runner WHERE renewed_at > now() - interval '5 seconds'"


class Cluster:
    """The servers, any number of each service, and a client with a token.

    Every process gets what docker-compose.yml gives it, with addresses of this
    machine in place of the containers' names. Workers know as many addresses of
    plugin gateways as ``gateways``: what is more cannot be added.
    """

    def __init__(
        self,
        folder: Path,
        *,
        postgres: PostgresServer,
        kafka: KafkaServer,
        variables: Mapping[str, str] | None = None,
        gateways: int = MOST_GATEWAYS,
    ) -> None:
        self.postgres = postgres
        self.kafka = kafka
        self._folder = folder
        self._variables = dict(variables or {})
        # Workers know the gateways by a fixed list of addresses.
        self._gateway_ports = [free_port() for _ in range(gateways)]
        self._processes: dict[str, list[ServiceProcess]] = {service: [] for service in SERVICES}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._kill_all)
            self.postgres.start()
            self.kafka.start()
            self.run("migrate")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def of(self, service: str) -> Sequence[ServiceProcess]:
        """Return the processes of one service, in the order of their first start."""
        return self._processes[service]

    def add(self, service: str, *, variables: Mapping[str, str] | None = None) -> ServiceProcess:
        """Start one more process of a service, and return it at once.

        Parameters
        ----------
        variables
            What it alone is told.
        """
        others = self._processes[service]
        port = self._gateway_ports[len(others)] if service == "plugin-gateway" else None
        told = {**self._environment(service), **(variables or {})}
        process = ServiceProcess(service, self._folder, told, port=port)
        others.append(process)
        process.start()
        return process

    def remove(self, process: ServiceProcess) -> None:
        """Let a process end what it has begun, and forget it."""
        process.terminate()
        self.forget(process)

    def forget(self, process: ServiceProcess) -> None:
        """Know nothing of a process that has ended any more."""
        self._processes[process.service].remove(process)

    def heal(self) -> None:
        """Start again whatever was killed or stopped, and wait until all are ready."""
        for server in (self.postgres, self.kafka):
            if server.pid is None:
                server.start()
        for process in self._all():
            if process.pid is None:
                process.start()
        for process in self._all():
            process.wait_ready()

    @cached_property
    def api(self) -> ApiDriver:
        """A client of the first API process, with a project to work in."""
        made = json.loads(self.run("token", "create", "--actor", "tester", "--output", "json"))
        driver = self._stack.enter_context(ApiDriver(self.of("api")[0].url, made["token"]))
        driver.create_project()
        return driver

    def live_runners(self) -> set[str]:
        """Return the boot ids of the plugin gateways that live."""
        return {str(boot_id) for boot_id in asyncio.run(self._column(LIVE_RUNNERS))}

    def count_rows(self, table: str) -> int:
        """Return how many rows a table has."""
        (count,) = asyncio.run(self._column(f"SELECT count(*) FROM {table}"))  # noqa: S608
        return int(str(count))

    def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Return what a statement finds in the database."""
        return asyncio.run(self._rows(statement, arguments))

    def gateways_calling(self, port: int, callers: Collection[int]) -> list[ServiceProcess]:
        """Return the plugin gateways that call a server right now.

        Parameters
        ----------
        port
            Where the server listens.
        callers
            The ports from which the calls come that are open.
        """
        return [one for one in self.of("plugin-gateway") if one.ports_to(port) & set(callers)]

    def run(self, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
        """Run a command of an operator to its end, and return what it prints.

        Parameters
        ----------
        variables
            What it is told besides.
        """
        done = subprocess.run(  # noqa: S603  # this project's own command
            command_line(*arguments),
            env=flowyard_environment({**self._environment("migrate"), **(variables or {})}),
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _all(self) -> list[ServiceProcess]:
        return [process for processes in self._processes.values() for process in processes]

    def _kill_all(self) -> None:
        for process in self._all():
            process.kill()
        self.kafka.kill()
        self.postgres.kill()

    def _environment(self, service: str) -> dict[str, str]:
        here = {
            "FLOWYARD_DATABASE_URL": self.postgres.url,
            "FLOWYARD_KAFKA_SERVERS": self.kafka.servers,
            "FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS": ",".join(
                f"http://127.0.0.1:{port}" for port in self._gateway_ports
            ),
        }
        given = compose_environment(service)
        return {**given, **{name: here[name] for name in here if name in given}, **self._variables}

    async def _column(self, statement: str) -> list[object]:
        return [row[0] for row in await self._rows(statement, ())]

    async def _rows(self, statement: str, arguments: Sequence[object]) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.postgres.url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found
        finally:
            await connection.close()
