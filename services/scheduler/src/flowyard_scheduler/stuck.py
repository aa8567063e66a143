"""Nodes that nothing brings on: overdue twice in a row, with no word of them in between.

That is a bug, of Flowyard or of what runs it, and it is counted. Memory alone
serves here: an owner that takes over begins to count anew.
"""

import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flowyard.storage.advance_store import DueNode

MAX_REMEMBERED = 20_000
"""Most nodes in memory; the ones looked at longest ago are forgotten first. About 8 MB."""

GRACE = timedelta(seconds=15)
"""How long after it was to be looked at again a node counts as heard of: three scans."""


@dataclass(frozen=True, slots=True)
class _Look:
    number: int | None
    step: int | None
    check_at: datetime
    looked_at: datetime
    partition: int


class StuckNodes:
    """What the last scans found overdue, by node.

    Parameters
    ----------
    pause
        Least time between two looks that count as two.
    limit
        Most nodes that are remembered.
    """

    def __init__(self, pause: timedelta, *, limit: int = MAX_REMEMBERED) -> None:
        self._pause = pause
        self._limit = limit
        self._looks: OrderedDict[tuple[uuid.UUID, str], _Look] = OrderedDict()

    def __len__(self) -> int:
        return len(self._looks)

    def is_stuck(self, one: DueNode, now: datetime) -> bool:
        """Tell whether an overdue node was so before, and nothing has touched it since."""
        look = self._looks.get((one.instance_id, one.node_id))
        return (
            look is not None
            and (look.number, look.step, look.check_at) == (one.number, one.step, one.check_at)
            and look.looked_at + self._pause <= now
        )

    def remember(
        self, one: DueNode, partition: int, *, check_at: datetime, looked_at: datetime
    ) -> None:
        """Take note of a look at an overdue node.

        Parameters
        ----------
        partition
            Of its instance.
        check_at
            When it is overdue again; whatever is heard of it changes that time.
        looked_at
            The present time.
        """
        key = (one.instance_id, one.node_id)
        before = self._looks.get(key)
        if before is not None and (before.check_at, before.step) == (check_at, one.step):
            looked_at = min(before.looked_at, looked_at)
        self._looks[key] = _Look(one.number, one.step, check_at, looked_at, partition)
        self._looks.move_to_end(key)
        while len(self._looks) > self._limit:
            self._looks.popitem(last=False)

    def forget_heard(self, now: datetime) -> None:
        """Forget the nodes that were not overdue again when they were to be looked at."""
        for key, look in list(self._looks.items()):
            if max(look.check_at, look.looked_at) + GRACE < now:
                del self._looks[key]

    def drop_where(self, is_dropped: Callable[[int], bool]) -> None:
        """Forget the nodes of partitions for which the question is answered yes."""
        for key, look in list(self._looks.items()):
            if is_dropped(look.partition):
                del self._looks[key]
