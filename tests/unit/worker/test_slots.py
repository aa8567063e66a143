import asyncio

import pytest

from flowyard.telemetry.metrics import Metrics
from flowyard_worker.slots import Slots

DAY, NIGHT = "day", "night"


async def test_as_many_are_taken_as_are_free() -> None:
    slots = Slots(3, Metrics("worker"))

    assert await slots.take(2, DAY) == 2
    assert await slots.take(5, DAY) == 1
    assert slots.free(DAY) == 0


async def test_who_finds_none_waits_for_one() -> None:
    slots = Slots(1, Metrics("worker"))
    await slots.take(1, DAY)
    waiting = asyncio.create_task(slots.take(4, DAY))
    await asyncio.sleep(0)
    assert not waiting.done()

    slots.release(1, DAY)

    assert await waiting == 1


async def test_two_who_wait_never_take_the_same_slot() -> None:
    slots = Slots(2, Metrics("worker"))
    await slots.take(2, DAY)
    waiting = [asyncio.create_task(slots.take(1, DAY)) for _ in range(3)]
    await asyncio.sleep(0)

    slots.release(2, DAY)
    await asyncio.wait(waiting, timeout=0)

    assert slots.free(DAY) >= 0
    slots.release(1, DAY)
    await asyncio.gather(*waiting)
    assert slots.free(DAY) == 0


async def test_a_queue_leaves_the_others_some_slots_and_takes_the_rest() -> None:
    slots = Slots(512, Metrics("worker"), queues=2)

    assert await slots.take(512, NIGHT) == 480
    assert slots.free(NIGHT) == 0
    assert await slots.take(512, DAY) == 32


async def test_whoever_waits_for_its_own_bound_goes_on_when_its_own_steps_end() -> None:
    slots = Slots(4, Metrics("worker"), queues=2)
    await slots.take(4, NIGHT)
    await slots.take(1, DAY)
    night = asyncio.create_task(slots.take(1, NIGHT))
    day = asyncio.create_task(slots.take(1, DAY))
    await asyncio.sleep(0)

    slots.release(1, DAY)
    await asyncio.wait([night, day], timeout=0.1)
    assert day.done()
    assert not night.done()

    slots.release(1, NIGHT)
    assert await night == 1


@pytest.mark.parametrize(("limit", "queues"), [(1, 1), (1, 3), (2, 2), (3, 8), (512, 5)])
async def test_every_queue_may_begin_something_and_all_slots_are_used(
    limit: int, queues: int
) -> None:
    slots = Slots(limit, Metrics("worker"), queues=queues)
    names = [f"q{number}" for number in range(queues)]

    assert all(slots.free(name) > 0 for name in names)
    taken = 0
    for name in names:
        if slots.free(name) > 0:
            taken += await slots.take(limit, name)
    assert taken == limit
