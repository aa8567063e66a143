"""A cluster every part of which can be hit: each link a proxy's, each server on a small disk."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from typing_extensions import override

from tests.chaos.clocks import FakeClock, FaketimeMissingError, find_library
from tests.chaos.disks import DiskMissingError, SmallDisk, check_mounts
from tests.chaos.faults import SERVERS, SERVICES, Targets
from tests.chaos.links import Links
from tests.support.cluster import Cluster
from tests.support.kafka import KafkaServer
from tests.support.ports import free_port
from tests.support.postgres15 import PostgresServer
from tests.support.processes import ServiceProcess

COUNTS = {"api": 2, "scheduler": 2, "worker": 3, "plugin-gateway": 2}
ON_POSTGRES = ("api", "scheduler", "plugin-gateway")
ON_KAFKA = ("api", "scheduler", "worker")
POSTGRES_SETTINGS = "max_wal_size = 96MB\nmin_wal_size = 80MB\n"
"""The log of changes shares a small disk with the data."""
QUICK_START = ("-XX:TieredStopAtLevel=1",)
"""It is started often, and has little to do."""
READY_SECONDS = 120
"""How long nine processes may take that start together on a machine that others use as well."""
DISK_BYTES = 320 << 20
DISK_BYTES_PER_MINUTE = 40 << 20
"""What some dozens of instances per second may write."""


class Hittable(Protocol):
    """A process of ours, or a server's."""

    @property
    def has_ended(self) -> bool: ...
    @property
    def log(self) -> Path: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...
    def suspend(self) -> None: ...
    def resume(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where the servers' programs are."""

    kafka: Path
    postgres: Path


def name_of(service: str, number: int) -> str:
    """Return what one process of a service is called in schedules."""
    return f"{service}-{number}"


def _names(services: Sequence[str]) -> list[str]:
    return [name_of(service, n) for service in services for n in range(COUNTS[service])]


class _Cluster(Cluster):
    """A cluster whose processes are told other addresses, each its own."""

    own: Mapping[str, Mapping[str, str]] = {}

    @property
    def gateway_ports(self) -> list[int]:
        return self._gateway_ports

    @override
    def _environment(self, service: str) -> dict[str, str]:
        given = super()._environment(service)
        if service not in SERVICES:
            return given
        return {**given, **self.own[name_of(service, len(self.of(service)))]}


class Arena:
    """The cluster with its links, disks and clocks, running while it is entered.

    Where this machine does not let us mount, or has no libfaketime, it does without small
    disks, or without clocks that jump, and says so in :attr:`missing`.
    """

    def __init__(self, folder: Path, programs: Programs, *, minutes: float) -> None:
        self._folder = folder
        self._programs = programs
        self._disk_bytes = DISK_BYTES + int(minutes * DISK_BYTES_PER_MINUTE)
        self._stack = ExitStack()
        self.links = Links()
        self.missing: list[str] = []
        """Why some kinds of faults cannot be had here."""
        self.disks: dict[str, SmallDisk] = {}
        self.clocks: dict[str, FakeClock] = {}
        self.cluster: Cluster

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.links)
            self._mount(stack)
            cluster = self._connected()
            self.cluster = stack.enter_context(cluster)
            for service, count in COUNTS.items():
                for _ in range(count):
                    cluster.add(service)
            self.wait_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def wait_ready(self) -> None:
        """Wait until every process has all that it needs."""
        for process in self.processes.values():
            process.wait_ready(READY_SECONDS)

    @property
    def targets(self) -> Targets:
        """What a schedule may hit."""
        processes = {service: _names([service]) for service in SERVICES}
        ends = (*SERVERS, "plugin-gateway")
        return Targets(
            processes={**processes, **{server: [server] for server in SERVERS}},
            links={
                end: [name for name in self.links.names if name.partition(">")[2].startswith(end)]
                for end in ends
            },
            disks=list(self.disks),
            clocks={name.rpartition("-")[0]: [name] for name in self.clocks},
        )

    def hittable(self, name: str) -> Hittable:
        """Return a process or server by its name in schedules."""
        if name == "postgres":
            return self.cluster.postgres
        if name == "kafka":
            return self.cluster.kafka
        service, _, number = name.rpartition("-")
        return self.cluster.of(service)[int(number)]

    @property
    def processes(self) -> dict[str, ServiceProcess]:
        """All processes of ours, by their names in schedules."""
        return {
            name_of(service, number): process
            for service in SERVICES
            for number, process in enumerate(self.cluster.of(service))
        }

    def _connected(self) -> _Cluster:
        """Return the cluster, not started yet, with a link for each pair that talks."""
        postgres = PostgresServer(
            self._folder / "postgres", programs=self._programs.postgres, settings=POSTGRES_SETTINGS
        )
        behind = {name: free_port() for name in _names(ON_KAFKA)}
        before = {name: self.links.add(f"{name}>kafka", behind[name]) for name in behind}
        kafka = KafkaServer(
            self._programs.kafka,
            self._folder / "kafka",
            detours={behind[name]: before[name] for name in behind},
            options=QUICK_START,
        )
        cluster = _Cluster(self._folder, postgres=postgres, kafka=kafka)
        own: dict[str, dict[str, str]] = {name: {} for name in _names(SERVICES)}
        for name, port in before.items():
            own[name]["FLOWYARD_KAFKA_SERVERS"] = f"127.0.0.1:{port}"
        for name in _names(ON_POSTGRES):
            port = self.links.add(f"{name}>postgres", postgres.port)
            url = postgres.url.replace(f":{postgres.port}/", f":{port}/")
            own[name]["FLOWYARD_DATABASE_URL"] = url
        for name in _names(["worker"]):
            urls = [
                f"http://127.0.0.1:{self.links.add(f'{name}>plugin-gateway-{number}', port)}"
                for number, port in enumerate(cluster.gateway_ports)
            ]
            own[name]["FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS"] = ",".join(urls)
        self._give_clocks(own)
        cluster.own = own
        return cluster

    def _mount(self, stack: ExitStack) -> None:
        """Give each server a small disk."""
        try:
            check_mounts()
        except DiskMissingError as error:
            self.missing.append(f"no disk can be filled: {error}")
            return
        for server in SERVERS:
            disk = SmallDisk(self._folder / server, size_bytes=self._disk_bytes)
            self.disks[server] = stack.enter_context(disk)

    def _give_clocks(self, own: dict[str, dict[str, str]]) -> None:
        """Give one process of each service a clock that can jump."""
        try:
            library = find_library()
        except FaketimeMissingError as error:
            self.missing.append(f"no clock can jump: {error}")
            return
        for service, count in COUNTS.items():
            name = name_of(service, count - 1)
            clock = FakeClock(self._folder / f"{name}.clock")
            self.clocks[name] = clock
            own[name] |= clock.variables(library)
