"""Background tasks of services."""

import asyncio
from contextlib import suppress
from typing import Any


async def stop(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has gone; an error that it ended with is raised."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
