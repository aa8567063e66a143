"""Graphs of template versions in memory, the longest unused ones let go first."""

import pickle
import uuid
from collections import OrderedDict
from typing import Any

from typing_extensions import override

from flowyard.engine.graph import Graph

GraphKey = tuple[uuid.UUID, int]
"""Template and version."""

MAX_GRAPH_BYTES = 128 * 1024 * 1024
"""Most memory for graphs: some 500 of 100 nodes. One that is larger alone is kept alone."""

NODE_BYTES = 2048
"""What a node costs beside its texts: 1.3 KB measured once decoded, the rest for what the
engine derives from its edges as it runs."""


class GraphCache(OrderedDict[GraphKey, Graph]):
    """Graphs by template id and version; to be used as a dictionary.

    Parameters
    ----------
    max_bytes
        Most memory over all graphs, by an estimate of each.
    """

    def __init__(self, max_bytes: int = MAX_GRAPH_BYTES) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._sizes: dict[GraphKey, int] = {}
        self.size_bytes = 0
        """What is held now, by the same estimate."""

    @override
    def __setitem__(self, key: GraphKey, graph: Graph) -> None:
        size = estimated_bytes(graph)
        self.size_bytes += size - self._sizes.get(key, 0)
        self._sizes[key] = size
        super().__setitem__(key, graph)
        self.move_to_end(key)
        while self.size_bytes > self._max_bytes and len(self) > 1:
            del self[next(iter(self))]

    @override
    def __delitem__(self, key: GraphKey) -> None:
        super().__delitem__(key)
        self.size_bytes -= self._sizes.pop(key)

    @override
    def __getitem__(self, key: GraphKey) -> Graph:
        graph = super().__getitem__(key)
        self.move_to_end(key)
        return graph

    @override
    def get(self, key: GraphKey, default: Any = None, /) -> Any:
        """Return a graph, which counts as used, or the default."""
        return self[key] if key in self else default  # noqa: SIM401  # this is that get


def estimated_bytes(graph: Graph) -> int:
    """Return about how much memory a graph takes, with all the texts that people wrote in it."""
    return len(graph.nodes) * NODE_BYTES + len(pickle.dumps(graph))
