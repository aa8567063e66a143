"""What a scheduler remembers of the partitions that it owns; all of it can be lost."""

import uuid
from dataclasses import dataclass, field

from flowyard.storage.postgres_clock import PostgresClock
from flowyard_scheduler.dispatch import Dispatcher
from flowyard_scheduler.holding import Holding
from flowyard_scheduler.start_line import StartLine
from flowyard_scheduler.stuck import StuckNodes
from flowyard_scheduler.timers import Timers


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The parts of the memory that the loop's steps share."""

    holding: Holding
    """Live instances."""
    dispatcher: Dispatcher
    """Queued steps, and those that are handed out."""
    timers: Timers
    """Waits that end soon."""
    stuck: StuckNodes
    """Overdue nodes of which nothing is heard."""
    starts: StartLine = field(default_factory=StartLine)
    """New instances that wait for room."""
    deferred: dict[uuid.UUID, int] = field(default_factory=dict)
    """Partitions of the instances with callbacks that came before their waits."""
    clock: PostgresClock
    """What time it is in Postgres."""
