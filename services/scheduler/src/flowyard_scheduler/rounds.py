"""What a batch has stored, and what of it is still to be decided."""

import uuid
from dataclasses import dataclass, field

from flowyard.storage.advance_write import Address
from flowyard_scheduler.decide import Item, Outcome


@dataclass(slots=True)
class Undecided:
    """What a batch could not store, because someone else kept changing the instances."""

    items: dict[uuid.UUID, list[Item]] = field(default_factory=dict)
    doorbells: set[uuid.UUID] = field(default_factory=set)
    partitions: dict[uuid.UUID, int] = field(default_factory=dict)
    """Of all these instances: another scheduler may own them by now."""


@dataclass(slots=True)
class BatchResult:
    """What a batch has stored."""

    outcomes: list[Outcome] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    """Other instances that were given a command."""
    ended: list[uuid.UUID] = field(default_factory=list)
    """Instances that had ended before: another owner may have done it."""
    undecided: Undecided = field(default_factory=Undecided)
    """To be offered again with the next batch."""


@dataclass(slots=True)
class Round:
    """What is still to be decided."""

    items: dict[uuid.UUID, list[Item]]
    doorbells: set[uuid.UUID]
    broken: dict[uuid.UUID, str] = field(default_factory=dict)
    """Instances that the engine failed on, with the failure's code."""

    def instance_ids(self) -> set[uuid.UUID]:
        """Return everything that is left."""
        return self.items.keys() | self.doorbells | self.broken.keys()

    def forget(self, instance_id: uuid.UUID) -> None:
        """Leave an instance out: it does not exist."""
        self.items.pop(instance_id, None)
        self.doorbells.discard(instance_id)
        self.broken.pop(instance_id, None)
