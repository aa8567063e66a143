"""One schedule: some flows, some faults, and what has come of them."""

import asyncio
import gc
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from typing_extensions import override

from tests.support.simulation.flows import POOL
from tests.support.simulation.loop import NothingLeftError
from tests.support.simulation.nemesis import (
    FAULT_SECONDS,
    Nemesis,
    draw_faults,
    draw_weather,
    mend,
)
from tests.support.simulation.people import LOOK_SECONDS, People
from tests.support.simulation.postgres.server import Handler
from tests.support.simulation.rules import (
    LoggedErrors,
    OffsetRules,
    RowRules,
    check_end,
    left_behind,
    unfinished,
)
from tests.support.simulation.seeding import seeded
from tests.support.simulation.world import World

PATIENCE_SECONDS = 900.0
"""How long everything may take to end once all is mended, in virtual seconds.

A lost record is found by repair 60 to 90 s later, which may happen to several nodes in a row.
"""

SETTLE_SECONDS = 200.0
"""How long what follows an end may take, and what an owner remembers that another has ended."""

CLEAN_LOOKS = 4
"""How often nothing may be left behind in a row, so that nothing comes back."""

LOOK_AGAIN_SECONDS = 0.5
TAIL = 120
"""Lines of the history that a failure shows."""

_LOG = logging.getLogger("flowyard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What has come of one schedule."""

    seed: int
    broken: tuple[str, ...]
    digest: str
    tail: tuple[str, ...]
    virtual_seconds: float

    @override
    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {len(self.broken)} rules broken", *self.broken[:10]]
        return "\n".join([*lines, "the history ends with:", *self.tail])


def simulate(seed: int, statements: Mapping[str, Handler] | None = None) -> Report:
    """Run the schedule of a seed to its end."""
    world = World(seed, statements)
    with _listening(world):
        try:
            world.loop.run_until_complete(_play(world))
        except NothingLeftError:
            world.history.breaks("nothing can happen any more")
        for fault in world.loop.faults:
            error = fault.get("exception")
            world.history.breaks(f"unexpected: {fault.get('message')} {error!r}")
    world.loop.close()
    return Report(
        seed=seed,
        broken=tuple(world.history.broken),
        digest=world.history.digest(),
        tail=tuple(world.history.tail(TAIL)),
        virtual_seconds=world.loop.time(),
    )


async def _play(world: World) -> None:
    source = seeded(f"schedule {world.seed}")
    await world.set_up()
    world.server.tables.watchers.append(RowRules(world.history).watch)
    world.commit_watchers.append(OffsetRules(world).watch)
    people = People(world)
    await people.set_up()
    for unit in world.units:
        world.loop.in_world(source.uniform(0, 0.5), world.start, unit)
    people.planned = source.randint(1, 3)
    for _ in range(people.planned):
        number = source.randrange(POOL)
        world.loop.in_world(source.uniform(0.1, 2.5), people.start_flow, number)
    world.loop.in_world(LOOK_SECONDS, people.look)
    world.set_weather(draw_weather(source))
    faults = draw_faults(source)
    Nemesis(world, people, faults).begin()
    # Nothing follows the last fault but its end: who waits longer sees no more.
    until = min(FAULT_SECONDS, max((fault.at for fault in faults), default=0.0) + 2.0)
    await asyncio.sleep(max(3.0, until))
    mend(world)
    if await _has_ended(world):
        await _settle(world)
        check_end(world, people)


async def _settle(world: World) -> None:
    """Return once nothing is left behind for a while, or it has had its time."""
    deadline = world.loop.time() + SETTLE_SECONDS
    looks = 0
    while looks < CLEAN_LOOKS and world.loop.time() < deadline:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        looks = 0 if any(left_behind(world)) else looks + 1


async def _has_ended(world: World) -> bool:
    deadline = world.loop.time() + PATIENCE_SECONDS
    while world.loop.time() < deadline:
        left = list(unfinished(world))
        if not left or world.history.broken or world.loop.faults:
            return not left
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    for one in left:
        world.history.breaks(f"never ended: {one}")
    return False


@contextmanager
def _listening(world: World) -> Iterator[None]:
    """Take errors that are logged for what they are, and lower levels for nothing."""
    handler = LoggedErrors(world.history)
    before = _LOG.level, _LOG.propagate
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.ERROR)
    _LOG.propagate = False
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        _LOG.setLevel(before[0])
        _LOG.propagate = before[1]


def tidy_up() -> None:
    """Take away what simulations have left: suspended tasks of dead processes, mostly.

    The interpreter closes them, which runs code of theirs; nobody is to hear of it.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
    logging.disable(before)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the interpreter's own time out of simulations.

    Objects are taken away when they are no longer needed and between simulations, never in the
    middle of one. What a crash has left unfinished is taken away without a word.
    """
    hook, was_enabled = sys.unraisablehook, gc.isenabled()
    gc.disable()
    # What is there by now stays: to look through it again and again took a fifth of the time.
    gc.freeze()
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        tidy_up()
        gc.unfreeze()
        sys.unraisablehook = hook
        if was_enabled:
            gc.enable()
