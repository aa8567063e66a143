"""Waits until instances do not go on by themselves."""

from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from math import inf
from uuid import UUID

from flowyard.client.aio.connection import AsyncConnection
from flowyard.client.aio.following import Following
from flowyard.client.aio.operations.instances import Instances
from flowyard.client.aio.primitives import INTERRUPTS
from flowyard.client.call import Call
from flowyard.client.errors import ClientError
from flowyard.client.live import SETTLED
from flowyard.client.models import CreatedView, InstanceView
from flowyard.client.retrying import Retries
from flowyard.client.run import Run, RunTimeoutError, checked

HELD_SECONDS = 20.0
"""Longest time that the answer to a start is held: proxies commonly give up on one after 60 s."""

FAREWELL = Retries(patience_seconds=5.0)
"""Patience with a cancellation that somebody who wants to be gone waits for."""

OnChange = Callable[[InstanceView], object]
"""Is told how an instance gets on."""


class Waiting:
    """One wait for one instance.

    Parameters
    ----------
    connection
        Whom to ask.
    timeout
        Seconds to wait from now on; None for as long as it takes.
    check
        Whether to raise for an instance that has not succeeded.
    on_change
        Is called with the instance at first and after every change.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        *,
        timeout: float | None,
        check: bool,
        on_change: OnChange | None,
    ) -> None:
        waits = connection.retries.waiting_patience_seconds
        self._connection = connection
        self._patient = connection.patient(replace(connection.retries, patience_seconds=waits))
        self._timeout = inf if timeout is None else timeout
        self._deadline = connection.clock.monotonic() + self._timeout
        self._check = check
        self._on_change = on_change

    async def start(self, call: Call, *, cancel_on_interrupt: bool) -> Run:
        """Create an instance by a keyed call, and wait for it."""
        try:
            created = await self._created(call)
            if created.status in SETTLED:
                return await self._run(created.instance_id)
            return await self.wait(created.instance_id)
        except INTERRUPTS:
            if cancel_on_interrupt:
                await self._cancel(call)
            raise

    async def wait(self, instance_id: UUID | str) -> Run:
        """Wait for an instance that is there."""
        following = Following(
            self._patient,
            instance_id,
            # Items are told only to those who look on.
            items_below=0 if self._on_change is None else None,
            deadline=self._deadline,
        )
        last: InstanceView | None = None
        async with aclosing(following.views()) as views:
            async for last in views:
                if self._on_change is not None:
                    self._on_change(last)
                if last.status in SETTLED:
                    return await self._run(instance_id)
        raise RunTimeoutError(UUID(str(instance_id)), last, self._timeout)

    async def _created(self, call: Call) -> CreatedView:
        left = self._deadline - self._connection.clock.monotonic()
        # What is held for as long as is left would be answered when nobody listens any more.
        held = int(min(HELD_SECONDS, left / 2))
        if held and self._on_change is None:
            call = replace(call, headers={**call.headers, "prefer": f"wait={held}"})
        return await self._connection.fetch(call, CreatedView, deadline=self._deadline)

    async def _run(self, instance_id: UUID | str) -> Run:
        run = Run(await Instances(self._patient).get(instance_id))
        return checked(run) if self._check else run

    async def _cancel(self, call: Call) -> None:
        """Cancel what a call has created, or would have: its key leads to the same instance."""
        connection = self._connection.patient(FAREWELL)
        with suppress(ClientError):
            created = await connection.fetch(call, CreatedView)
            await Instances(connection).cancel(created.instance_id)
