"""Running a service until it is told to stop."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Protocol, TypeVar, runtime_checkable

ResultT = TypeVar("ResultT")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""What an orchestrator and a person send."""

EXIT_INTERRUPTED = 130
"""Exit status after a second signal, as shells have it for an interrupt."""

COLLECTION_THRESHOLDS = (10_000, 20, 10)
"""How many objects are made between two searches for cyclic garbage, by generation.

Python's own (700, 10, 10) suits a script: a batch of a few hundred records would be searched
through a dozen times while it is worked on. Measured: docs/performance.md.
"""

_log = logging.getLogger("flowyard.cli")


def run_loop(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a coroutine in a loop of its own, the fast one where it is installed."""
    try:
        import uvloop  # noqa: PLC0415
    except ModuleNotFoundError:
        return asyncio.run(main)
    return uvloop.run(main)


@runtime_checkable
class MayFail(Protocol):
    """A service that tells when it has come to an end by itself."""

    async def wait_failed(self) -> None:
        """Return, or raise why, once it has ended by itself."""
        ...


async def run_until_stopped(
    service: AbstractAsyncContextManager[Any],
    *,
    started: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Keep a service entered until SIGTERM or SIGINT, then drain it.

    A signal during the start breaks the start off; a second one ends the process
    at once. A service that fails by itself is drained, and its error raised.

    Parameters
    ----------
    service
        What to enter and, in the end, to exit.
    started
        Awaited once it is entered, for greetings.
    """
    stopping = _stop_event()
    starting = asyncio.ensure_future(service.__aenter__())
    stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        if starting.cancelled():
            return
    stop.cancel()
    starting.result()
    try:
        if started is not None:
            await started()
        with _lasting_memory():
            await _first_of(stopping.wait(), _failure(service))
        _log.info("Stopping")
    finally:
        await service.__aexit__(None, None, None)
    _log.info("Stopped")


@contextmanager
def _lasting_memory() -> Iterator[None]:
    """Search for garbage only among what comes from now on, and not after every few records.

    The modules and what the service made at its start stay as long as it does; to go through
    them again and again took a third of a worker's time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _failure(service: object) -> None:
    if isinstance(service, MayFail):
        await service.wait_failed()
    else:
        await asyncio.Event().wait()


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when the first one is done, raising what it raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()


def _stop_event() -> asyncio.Event:
    stopping = asyncio.Event()

    def stop(number: int) -> None:
        if stopping.is_set():
            os._exit(EXIT_INTERRUPTED)
        _log.info("Signal received", extra={"signal": signal.Signals(number).name})
        stopping.set()

    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop, number)
    return stopping
