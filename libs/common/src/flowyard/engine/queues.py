"""Which queues a flow works with: at all, and as soon as it starts."""

from flowyard.engine.graph import Graph


def queues_of(graph: Graph) -> frozenset[str]:
    """Return the queues of all activities of a graph; those of its children are not known here."""
    return frozenset(
        node.activity.queue for node in graph.nodes.values() if node.activity is not None
    )


def first_queues(graph: Graph) -> tuple[str, ...]:
    """Return the queues of what a graph begins with, sorted: whatever no other work lies before.

    A subflow counts as work of its own, so nothing behind it is looked at.
    """
    found: set[str] = set()
    seen = {graph.start_id}
    ahead = [graph.start_id]
    while ahead:
        for edge in graph.outgoing.get(ahead.pop(), ()):
            if edge.target in seen:
                continue
            seen.add(edge.target)
            node = graph.nodes[edge.target]
            if node.activity is not None:
                found.add(node.activity.queue)
            elif node.subflow is None or node.is_inline:
                ahead.append(edge.target)
    return tuple(sorted(found))
