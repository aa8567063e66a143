"""What goes wrong in a simulation, and when; all of it follows from the seed."""

import asyncio
import random
from dataclasses import dataclass

from tests.support.simulation.people import People
from tests.support.simulation.world import CALM, Unit, Weather, World

FAULT_SECONDS = 9.0
"""For how long things go wrong; then all is mended, and everything has to end."""

MAX_FAULTS = 6
"""Most faults of one schedule, beside what the weather does."""

_FAULTS = (
    "crash", "crash", "crash", "suspend", "suspend", "stop", "rebalance", "cut database",
    "cut broker", "restart postgres", "cancel", "pause", "blackout",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong."""

    at: float
    kind: str
    unit: int
    seconds: float


def draw_weather(source: random.Random) -> Weather:
    """Return what goes wrong all the time: nothing in many schedules, some kinds in others."""
    if source.random() < 0.35:
        return CALM

    def share(most: float) -> float:
        return source.uniform(0, most) if source.random() < 0.4 else 0.0

    return Weather(
        database_seconds=source.choice((0.002, 0.02, 0.3)),
        network_seconds=source.choice((0.004, 0.05, 0.5)),
        breaking=share(0.06),
        failing=share(0.1),
        repeating=share(0.3),
        losing=share(0.03),
        lagging=share(0.3),
        wires=share(0.3),
    )


def draw_faults(source: random.Random) -> list[Fault]:
    """Return a schedule of faults of a few kinds: those that meet often find more."""
    kinds = source.sample(_FAULTS, k=source.randint(1, 4))
    faults = [
        Fault(
            at=source.uniform(0.2, FAULT_SECONDS),
            kind=source.choice(kinds),
            unit=source.randrange(6),
            seconds=source.choice((0.3, 1.0, 3.0, 7.0)) * source.uniform(0.5, 1.2),
        )
        for _ in range(source.randint(0, MAX_FAULTS))
    ]
    return sorted(faults, key=lambda fault: fault.at)


class Nemesis:
    """Carries a schedule out."""

    def __init__(self, world: World, people: People, faults: list[Fault]) -> None:
        self._world = world
        self._people = people
        self._faults = faults
        self._blackout: asyncio.Task[None] | None = None

    def begin(self) -> None:
        for fault in self._faults:
            self._world.loop.in_world(fault.at, self._strike, fault)

    def _strike(self, fault: Fault) -> None:
        world = self._world
        unit = world.units[fault.unit]
        match fault.kind:
            case "crash":
                world.crash(unit)
                world.loop.in_world(fault.seconds, world.start, unit)
            case "suspend":
                world.suspend(unit, fault.seconds)
            case "stop":
                world.stop(unit)
            case "rebalance":
                world.rebalance(unit)
            case "cut database":
                world.cut_database(unit, fault.seconds)
            case "cut broker":
                world.cut_broker(unit, fault.seconds)
            case "restart postgres":
                world.restart_postgres(min(fault.seconds, 2.0))
            case "blackout":
                self._blackout = world.loop.create_task(world.lose_everything())
            case _:
                self._people.operate(fault.kind)


def mend(world: World) -> None:
    """Let nothing go wrong any more: what is dead starts, what is stopped goes on."""
    world.history.add("mended")
    world.set_weather(CALM)
    for unit in world.units:
        _mend_unit(world, unit)


def _mend_unit(world: World, unit: Unit) -> None:
    if unit.process is not None:
        world.go_on(unit.process)
    if unit.database is not None:
        unit.database.link.is_cut = False
    if unit.broker is not None:
        unit.broker.network.is_cut = False
    world.start(unit)
