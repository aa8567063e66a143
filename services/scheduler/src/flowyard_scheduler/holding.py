"""The owner's memory: live instances of owned partitions, the longest unused ones let go first."""

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable

from flowyard.storage.advance_store import HeldInstance
from flowyard_scheduler.graph_cache import GraphCache


class Holding:
    """Instances by id, bounded by the number of their nodes.

    Parameters
    ----------
    max_nodes
        Most nodes over all held instances.
    """

    def __init__(self, max_nodes: int) -> None:
        self._max_nodes = max_nodes
        self._held: OrderedDict[uuid.UUID, HeldInstance] = OrderedDict()
        self._sizes: dict[uuid.UUID, int] = {}
        self._node_count = 0
        self.graphs = GraphCache()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, instance_id: uuid.UUID) -> HeldInstance | None:
        """Return an instance as it is in memory, or None."""
        held = self._held.get(instance_id)
        if held is not None:
            self._held.move_to_end(instance_id)
        return held

    def put(self, held: HeldInstance) -> None:
        """Keep an instance, or take note of how it has grown."""
        instance_id = held.snapshot.facts.instance_id
        size = 1 + len(held.snapshot.nodes)
        self._node_count += size - self._sizes.get(instance_id, 0)
        self._sizes[instance_id] = size
        self._held[instance_id] = held
        self._held.move_to_end(instance_id)
        while self._node_count > self._max_nodes and len(self._held) > 1:
            self.drop((next(iter(self._held)),))

    def drop(self, instance_ids: Iterable[uuid.UUID]) -> None:
        """Forget instances; what is stored stays."""
        for instance_id in instance_ids:
            if self._held.pop(instance_id, None) is not None:
                self._node_count -= self._sizes.pop(instance_id)

    def drop_where(self, is_dropped: Callable[[HeldInstance], bool]) -> None:
        """Forget all instances for which the question is answered yes."""
        self.drop([key for key, held in self._held.items() if is_dropped(held)])
