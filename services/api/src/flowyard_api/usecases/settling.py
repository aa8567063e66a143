"""Waiting until an instance does not go on by itself.

What is told of changes carries the status, so that Postgres is not asked while
all goes well: only from time to time, because a record may be lost.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from flowyard.clock import Clock
from flowyard.engine.lifecycle import FINAL_INSTANCE_STATUSES, InstanceStatus
from flowyard.storage.database import Database
from flowyard.storage.errors import DatabaseUnavailableError
from flowyard.storage.instances import find_status
from flowyard_api.changes import Subscription

SETTLED_STATUSES = FINAL_INSTANCE_STATUSES | {InstanceStatus.FAILED, InstanceStatus.PAUSED}
"""An instance in one of these goes on after an operation, if at all."""

LOOK_SECONDS = 2.0
"""How often Postgres is read although nothing was told: what a lost record costs at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """Waits for one instance.

    Parameters
    ----------
    database
        Where its status is.
    clock
        Measures the wait.
    subscription
        Hears of its changes.
    instance_id
        Which it is.
    is_started
        Whether it was to start when it was created: another one goes nowhere.
    """

    database: Database
    clock: Clock
    subscription: Subscription
    instance_id: uuid.UUID
    is_started: bool

    async def wait(self, seconds: float, *, look_first: bool) -> str:
        """Return the status once it is settled, or as it is when time or subscription are over.

        Parameters
        ----------
        look_first
            Whether the instance may have changed before the subscription began.
        """
        status: str = InstanceStatus.CREATED
        deadline = self.clock.monotonic() + seconds
        if look_first:
            status = await self._look(status)
        while not self._is_settled(status) and not self.subscription.is_closed:
            left = deadline - self.clock.monotonic()
            if left <= 0:
                break
            if await self.subscription.changed(min(LOOK_SECONDS, left)):
                status = self.subscription.status or status
            else:
                status = await self._look(status)
        return status

    def _is_settled(self, status: str) -> bool:
        return status in SETTLED_STATUSES or (
            status == InstanceStatus.CREATED and not self.is_started
        )

    async def _look(self, status: str) -> str:
        """Return the status that is stored, or the one known where Postgres cannot be asked."""
        with suppress(DatabaseUnavailableError):
            async with self.database.transaction() as connection:
                status = await find_status(connection, self.instance_id)
        return status
