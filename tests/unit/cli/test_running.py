import asyncio
import gc
import os
import signal
from types import TracebackType
from typing import Self

import pytest
from typing_extensions import override

from flowyard_cli.errors import BenchFailedError
from flowyard_cli.running import run_until_stopped


class Service:
    """Notes what happens to it."""

    def __init__(self) -> None:
        self.story: list[str] = []

    async def __aenter__(self) -> Self:
        self.story.append("entered")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.story.append("exited")


class FailingService(Service):
    """Comes to an end by itself."""

    async def wait_failed(self) -> None:
        raise BenchFailedError("it broke")


class WatchingService(FailingService):
    """Looks at how garbage is collected while it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.kept_objects = 0
        self.thresholds = gc.get_threshold()

    @override
    async def wait_failed(self) -> None:
        self.kept_objects, self.thresholds = gc.get_freeze_count(), gc.get_threshold()
        await super().wait_failed()


class SlowService(Service):
    """Never comes up."""

    @override
    async def __aenter__(self) -> Self:
        self.story.append("entering")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return self


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_the_service(number: signal.Signals) -> None:
    service = Service()

    async def greet() -> None:
        service.story.append("greeted")
        os.kill(os.getpid(), number)

    await run_until_stopped(service, started=greet)

    assert service.story == ["entered", "greeted", "exited"]


async def test_a_service_that_fails_by_itself_is_drained_and_its_error_raised() -> None:
    service = FailingService()

    with pytest.raises(BenchFailedError):
        await run_until_stopped(service)

    assert service.story == ["entered", "exited"]


async def test_a_signal_during_the_start_breaks_it_off() -> None:
    service = SlowService()

    await run_until_stopped(service)

    assert service.story == ["entering"]


async def test_what_a_service_began_with_is_not_searched_for_garbage_while_it_runs() -> None:
    service = WatchingService()
    # Python's own; what ran before in this process may have set others.
    found, before = gc.get_threshold(), (700, 10, 10)
    gc.set_threshold(*before)
    kept_before = gc.get_freeze_count()

    try:
        with pytest.raises(BenchFailedError):
            await run_until_stopped(service)

        assert service.kept_objects > kept_before
        assert service.thresholds > before
        assert (gc.get_freeze_count(), gc.get_threshold()) == (kept_before, before)
    finally:
        gc.set_threshold(*found)
