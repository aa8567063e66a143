import asyncio

from flowyard.telemetry.metrics import Metrics
from flowyard_worker.slots import Slots


async def test_as_many_are_taken_as_are_free() -> None:
    slots = Slots(3, Metrics("worker"))

    assert await slots.take(2) == 2
    assert await slots.take(5) == 1
    assert slots.free == 0


async def test_who_finds_none_waits_for_one() -> None:
    slots = Slots(1, Metrics("worker"))
    await slots.take(1)
    waiting = asyncio.create_task(slots.take(4))
    await asyncio.sleep(0)
    assert not waiting.done()

    slots.release(1)

    assert await waiting == 1


async def test_two_who_wait_never_take_the_same_slot() -> None:
    slots = Slots(2, Metrics("worker"))
    await slots.take(2)
    waiting = [asyncio.create_task(slots.take(1)) for _ in range(3)]
    await asyncio.sleep(0)

    slots.release(2)
    await asyncio.wait(waiting, timeout=0)

    assert slots.free >= 0
    slots.release(1)
    await asyncio.gather(*waiting)
    assert slots.free == 0
