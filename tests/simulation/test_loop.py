"""The loop under the simulation: virtual time, processes that crash and stop."""

import asyncio

import pytest

from tests.support.simulation.loop import NothingLeftError, Process, VirtualLoop


def spawn(loop: VirtualLoop, process: Process, seen: list[str]) -> None:
    async def live() -> None:
        try:
            await asyncio.sleep(10)
            seen.append("woke")
        finally:
            seen.append("left")

    seen_to = loop.create_task(live(), context=loop.context_of(process))
    assert not seen_to.done()


def test_time_jumps_to_what_is_next() -> None:
    loop = VirtualLoop(1)

    async def sleep() -> float:
        await asyncio.sleep(86_400)
        return loop.time()

    assert loop.run_until_complete(sleep()) == pytest.approx(86_400)
    loop.close()


def test_nothing_of_a_crashed_process_runs_not_even_its_clean_up() -> None:
    loop, process, seen = VirtualLoop(1), Process("one"), list[str]()
    spawn(loop, process, seen)
    loop.in_world(5, loop.crash, process)

    loop.run_until_complete(asyncio.sleep(20))

    assert seen == []
    loop.close()


def test_a_suspended_process_goes_on_late_with_what_has_come_due() -> None:
    loop, process, seen = VirtualLoop(1), Process("one"), list[str]()
    spawn(loop, process, seen)
    loop.in_world(5, loop.suspend, process)
    loop.in_world(15, loop.go_on, process)

    loop.run_until_complete(asyncio.sleep(14))
    before = list(seen)
    loop.run_until_complete(asyncio.sleep(2))

    assert (before, seen) == ([], ["woke", "left"])
    loop.close()


def test_a_wait_that_nothing_can_end_is_an_error() -> None:
    loop = VirtualLoop(1)

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingLeftError):
        loop.run_until_complete(wait())
    loop.close()


def test_a_process_that_asks_for_no_wait_does_not_stop_the_clock() -> None:
    loop = VirtualLoop(1)

    async def spin() -> None:
        while loop.time() < 0.01:  # noqa: ASYNC110 - spinning is the point
            await asyncio.sleep(0)

    loop.run_until_complete(spin())
    loop.close()
