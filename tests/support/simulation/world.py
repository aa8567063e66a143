"""The processes of a simulation, and what can be done to them."""

import asyncio
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flowyard.contracts.topics import INSTANCE_CHANGE, INSTANCE_EVENT, node_ready
from flowyard.engine.graph import DEFAULT_QUEUE
from flowyard.errors import RetryableError
from flowyard.ids import draw_from
from flowyard.messaging.local import LocalBroker
from flowyard.messaging.ports import OutgoingRecord, TopicPartition
from flowyard_plugin_gateway.intake import StepIntake
from tests.support.simulation.counting import CountedMetrics
from tests.support.simulation.history import History
from tests.support.simulation.kafka import Network, StormyBroker
from tests.support.simulation.link import Door, LinkedClient, Wire
from tests.support.simulation.loop import Process, SeededIds, VirtualClock, VirtualLoop
from tests.support.simulation.postgres.database import Link, MemoryDatabase
from tests.support.simulation.postgres.server import Handler, Server
from tests.support.simulation.postgres.statements import known_statements
from tests.support.simulation.seeding import seeded
from tests.support.simulation.services import (
    PARTITIONS,
    SimulatedGateway,
    SimulatedScheduler,
    SimulatedWorker,
    Surroundings,
)
from tests.support.simulation.witness import REGISTRY, WITNESS, Effect, Witness

SESSION_SECONDS = (1.5, 3.0)
"""After how long a silent member of a group loses its partitions, from and to."""

RESTART_SECONDS = 1.0
"""After how long a process that has ended by itself is started again."""

STOP_SECONDS = 15.0
"""After how long a process that was told to stop is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How much goes wrong all the time; shares are of calls, from 0 to 1."""

    database_seconds: float = 0.0
    network_seconds: float = 0.0
    breaking: float = 0.0
    failing: float = 0.0
    repeating: float = 0.0
    losing: float = 0.0
    lagging: float = 0.0
    wires: float = 0.0


CALM = Weather(database_seconds=0.002, network_seconds=0.004)
"""Nothing goes wrong, and all takes a moment."""


class _Service(Protocol):
    async def live(self) -> None: ...


@dataclass(slots=True, eq=False)
class Unit:
    """One process of the deployment: started again and again, under one name."""

    name: str
    kind: str
    starts: int = 0
    process: Process | None = None
    service: _Service | None = None
    around: Surroundings | None = None
    database: MemoryDatabase | None = None
    broker: StormyBroker | None = None
    door: Door | None = None
    clients: list[LinkedClient] = field(default_factory=list)
    metrics: list[CountedMetrics] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.is_running


class World:
    """Servers, links and processes under one seed.

    Parameters
    ----------
    statements
        What Postgres can carry out; None for what the product asks for.
    """

    def __init__(self, seed: int, statements: Mapping[str, Handler] | None = None) -> None:
        self.seed = seed
        self.loop = VirtualLoop(seed)
        self.random = seeded(f"world {seed}")
        self.history = History(self.loop.time)
        self.weather = CALM
        self.server = Server(self.loop.instant, statements or known_statements())
        self.server.tables.watchers.append(self.history.watch_row)
        self.cluster = LocalBroker(VirtualClock(self.loop))
        self.lost: list[bytes] = []
        """Values of records that were acknowledged and are lost."""
        self.call_backs: list[Effect] = []
        self.witness = Witness(seed, self.call_backs.append)
        self.loop.world_context.run(draw_from, SeededIds(self.loop, seed))
        self.loop.world_context.run(WITNESS.set, self.witness)
        self.commit_watchers: list[Callable[[str, TopicPartition, int], None]] = []
        self.wire = Wire(random=self.random)
        self.units = [
            Unit(f"{kind}-{number}", kind)
            for kind in ("scheduler", "worker", "gateway")
            for number in (1, 2)
        ]

    async def set_up(self) -> None:
        # Its identity is an id, which comes from the seed like all others.
        self.cluster = LocalBroker(VirtualClock(self.loop))
        await self.cluster.__aenter__()
        for topic in (INSTANCE_EVENT, INSTANCE_CHANGE, node_ready(DEFAULT_QUEUE)):
            await self.cluster.ensure_topic(topic, partitions=PARTITIONS)

    def of_kind(self, kind: str) -> list[Unit]:
        return [unit for unit in self.units if unit.kind == kind]

    def start(self, unit: Unit) -> None:
        """Start a process, unless it runs."""
        if unit.process is not None and unit.process.is_alive:
            return
        unit.starts += 1
        process = unit.process = Process(f"{unit.name}#{unit.starts}")
        self.history.add(f"start {process.name}")
        context = self.loop.context_of(process)
        link = Link(schedule=self.loop.in_world, random=self.random)
        unit.database = MemoryDatabase(self.server, link)
        network = Network(random=self.random)
        unit.broker = StormyBroker(self.cluster, network, self.loop.in_world, self)
        self._weather_of(unit)
        metrics = CountedMetrics()
        unit.metrics.append(metrics)
        unit.around = Surroundings(
            database=unit.database,
            broker=unit.broker,
            clock=VirtualClock(self.loop),
            metrics=metrics,
            stopping=asyncio.Event(),
        )
        unit.service = service = context.run(self._service, unit, unit.around, process)
        task = self.loop.create_task(service.live(), context=context)
        task.add_done_callback(
            lambda done: self._ended(unit, process, done), context=self.loop.world_context
        )

    def _service(self, unit: Unit, around: Surroundings, process: Process) -> _Service:
        if unit.kind == "scheduler":
            return SimulatedScheduler(around)
        if unit.kind == "worker":
            unit.clients = [
                LinkedClient(f"http://{one.name}", self.loop, self.wire, _door_of(one))
                for one in self.of_kind("gateway")
            ]
            return SimulatedWorker(around, unit.clients)
        unit.door = None
        context = self.loop.context_of(process)

        def open_door(intake: StepIntake) -> None:
            unit.door = Door(intake, context)

        return SimulatedGateway(around, REGISTRY, open_door)

    def _ended(self, unit: Unit, process: Process, done: "asyncio.Task[None]") -> None:
        if unit.process is not process or not process.is_alive:
            return
        error = None if done.cancelled() else done.exception()
        self.history.add(f"end {process.name} {type(error).__name__ if error else ''}")
        if error is not None and not isinstance(error, RetryableError):
            self.history.breaks(f"{process.name} died: {_where(error)}")
        self.crash(unit)
        self.loop.in_world(RESTART_SECONDS, self.start, unit)

    def crash(self, unit: Unit) -> None:
        """Kill a process: nothing of it ever runs again."""
        process = unit.process
        if process is None or not process.is_alive:
            return
        self.history.add(f"kill {process.name}")
        self.loop.crash(process)
        if unit.database is not None:
            self.loop.in_world(self.random.uniform(0, 0.3), unit.database.close)
        if unit.broker is not None:
            self.loop.in_world(self.random.uniform(*SESSION_SECONDS), unit.broker.evict)
        if unit.door is not None:
            unit.door.fall_shut()
            unit.door = None
        for client in unit.clients:
            client.hang_up()

    def suspend(self, unit: Unit, seconds: float) -> None:
        """Stop a process for some time, as SIGSTOP does; its partitions may move meanwhile."""
        process, broker = unit.process, unit.broker
        if process is None or broker is None or not process.is_running:
            return
        self.history.add(f"suspend {process.name} for {seconds:.2f}")
        self.loop.suspend(process)
        self.loop.in_world(
            self.random.uniform(*SESSION_SECONDS), self._evict_if_silent, process, broker
        )
        self.loop.in_world(seconds, self.go_on, process)

    def go_on(self, process: Process) -> None:
        if process.is_alive and process.is_suspended:
            self.history.add(f"go on {process.name}")
            self.loop.go_on(process)

    def stop(self, unit: Unit) -> None:
        """Tell a process to stop, as SIGTERM does; it is started again once it has."""
        if unit.is_running and unit.around is not None and unit.process is not None:
            self.history.add(f"stop {unit.process.name}")
            unit.around.stopping.set()
            self.loop.in_world(STOP_SECONDS, self._kill_if_same, unit, unit.process)

    def _kill_if_same(self, unit: Unit, process: Process) -> None:
        if unit.process is process and process.is_alive:
            self.crash(unit)
            self.start(unit)

    def _evict_if_silent(self, process: Process, broker: StormyBroker) -> None:
        if not process.is_running:
            self.history.add(f"evict {process.name}")
            broker.evict()

    def rebalance(self, unit: Unit) -> None:
        """Have a process lose its partitions, though nothing is wrong with it."""
        if unit.is_running and unit.broker is not None:
            self.history.add(f"rebalance without {unit.name}")
            unit.broker.evict()

    def cut_database(self, unit: Unit, seconds: float) -> None:
        if unit.database is not None:
            self.history.add(f"cut {unit.name} from Postgres for {seconds:.2f}")
            unit.database.link.is_cut = True
            unit.database.close()
            self.loop.in_world(seconds, _mend_database, unit.database)

    def cut_broker(self, unit: Unit, seconds: float) -> None:
        broker = unit.broker
        if broker is None:
            return
        self.history.add(f"cut {unit.name} from Kafka for {seconds:.2f}")
        broker.network.is_cut = True
        session = self.random.uniform(*SESSION_SECONDS)
        if seconds > session:
            self.loop.in_world(session, broker.evict)
        self.loop.in_world(seconds, _mend_broker, broker)

    def restart_postgres(self, seconds: float) -> None:
        for unit in self.units:
            self.cut_database(unit, seconds)

    async def lose_everything(self) -> None:
        """Kill all processes, and give them a Kafka without any record."""
        self.history.add("blackout")
        for unit in self.units:
            self.crash(unit)
            if unit.broker is not None:
                unit.broker.evict()
        await self.set_up()
        for unit in self.units:
            self.loop.in_world(self.random.uniform(0.1, 3.0), self.start, unit)

    def set_weather(self, weather: Weather) -> None:
        self.weather = weather
        self.wire.longest_seconds = weather.network_seconds
        self.wire.breaking = weather.wires
        self.wire.repeating = weather.wires
        for unit in self.units:
            self._weather_of(unit)

    def _weather_of(self, unit: Unit) -> None:
        weather = self.weather
        if unit.database is not None:
            unit.database.link.longest_seconds = weather.database_seconds
            unit.database.link.breaking = weather.breaking
        if unit.broker is not None:
            network = unit.broker.network
            network.longest_seconds = weather.network_seconds
            network.failing = weather.failing
            network.repeating = weather.repeating
            network.losing = weather.losing
            network.lagging = weather.lagging

    def lose(self, records: Sequence[OutgoingRecord]) -> None:
        """Take note of records that were acknowledged and are not stored."""
        self.lost += [one.value for one in records if one.topic == INSTANCE_EVENT]
        self.history.add(f"lose {len(records)} records")

    def commit(self, group: str, place: TopicPartition, offset: int) -> None:
        self.history.add(f"commit {group} {place.partition} {offset}")
        for watch in self.commit_watchers:
            watch(group, place, offset)


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{error!r} at {', '.join(f'{one.name}:{one.lineno}' for one in last)}"


def _door_of(unit: Unit) -> Callable[[], Door | None]:
    return lambda: unit.door


def _mend_database(database: MemoryDatabase) -> None:
    database.link.is_cut = False


def _mend_broker(broker: StormyBroker) -> None:
    broker.network.is_cut = False
