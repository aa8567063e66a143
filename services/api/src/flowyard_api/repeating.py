"""What an API process does beside requests, again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from flowyard.storage.errors import DatabaseUnavailableError

_log = logging.getLogger("flowyard.api")


async def repeat(
    work: Callable[[], Awaitable[object]],
    stopping: asyncio.Event,
    *,
    seconds: float,
    waits: str,
    broke: str,
) -> None:
    """Do something now and then, until the process stops.

    Nothing that goes wrong with it ends the process, which serves others meanwhile.

    Parameters
    ----------
    seconds
        Pause between two times.
    waits
        What is logged while Postgres does not answer: constant text.
    broke
        What is logged of any other fault.
    """
    while not stopping.is_set():
        try:
            await work()
        except DatabaseUnavailableError as error:
            _log.warning(waits, extra={"reason": str(error)})
        except Exception:  # noqa: BLE001  # the outermost loop: logged, and tried again
            _log.exception(broke)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)
