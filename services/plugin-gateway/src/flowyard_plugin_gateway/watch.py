"""Steps that run in another process: one query for all of them, until each has an outcome."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

from flowyard.storage.claims import StepKey, StepRow, give_up_claims, read_steps
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.tasks import stop
from flowyard_plugin_gateway.held_step import HeldStep

logger = logging.getLogger("flowyard.plugin_gateway")

POLL_SECONDS = 0.3
"""Time between two looks at the watched rows.

They are few: a step is delivered twice only when a worker or the broker failed.
"""


class ClaimWatch:
    """Looks at the rows of steps that another process has claimed.

    Parameters
    ----------
    database
        Where the rows are.
    silence
        Returns how long the runner of an earlier attempt must have been silent to bar no more.
    decide
        Is called with every step and its row at every look; it ends the watch
        by calling :meth:`forget`, or asks for the claim to be given up by
        returning True.
    given_up
        Is called for each step whose outcome is unknown from now on.
    """

    def __init__(
        self,
        database: Database,
        *,
        silence: Callable[[], timedelta],
        decide: Callable[[HeldStep, StepRow | None], bool],
        given_up: Callable[[HeldStep], None],
    ) -> None:
        self._database = database
        self._silence = silence
        self._decide = decide
        self._given_up = given_up
        self._steps: dict[StepKey, HeldStep] = {}
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None

    @property
    def steps(self) -> list[HeldStep]:
        """The steps that are watched."""
        return list(self._steps.values())

    async def __aenter__(self) -> Self:
        """Begin to look."""
        self._loop_task = asyncio.create_task(self._run(), name="claim-watch")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop looking; safe to call twice."""
        task, self._loop_task = self._loop_task, None
        if task is not None:
            await stop(task)

    def add(self, held: HeldStep) -> None:
        """Watch a step; the first look follows at once."""
        self._steps[held.key] = held
        self._wake.set()

    def forget(self, held: HeldStep) -> None:
        """Stop watching a step."""
        self._steps.pop(held.key, None)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._look()
            except DatabaseUnavailableError:
                logger.warning("Watched claims wait for Postgres")
            except Exception:
                # The outermost loop: those who wait for other steps must not wait for ever.
                logger.exception("Watched claims could not be looked at")
            if self._steps:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                self._wake.set()

    async def _look(self) -> None:
        watched = self.steps
        if not watched:
            return
        async with self._database.hot() as connection:
            rows = await read_steps(
                connection, [held.key for held in watched], bar_dead_after=self._silence()
            )
        abandoned = [
            held
            for place, held in enumerate(watched)
            if held.key in self._steps and self._decide(held, rows.get(place))
        ]
        if not abandoned:
            return
        async with self._database.hot() as connection:
            places = await give_up_claims(connection, [held.key for held in abandoned])
        for place in places:
            self._given_up(abandoned[place])
