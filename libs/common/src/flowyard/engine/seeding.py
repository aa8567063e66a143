"""Reruns: an instance that begins at a node, with what an earlier one had come to."""

from collections.abc import Mapping

from msgspec.structs import replace

from flowyard.engine.draft import Draft
from flowyard.engine.ending import leave
from flowyard.engine.errors import BrokenInvariantError
from flowyard.engine.graph import Graph, JsonValue, Node, NodeKind, owner_of, scope_of
from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.snapshot import NodeMark, NodeState, Seed, WaitReason

_NO_BEGINNING = frozenset({NodeKind.START, NodeKind.END, NodeKind.CONVERGE})
"""Kinds that are no place to begin at."""


def start_seeded(draft: Draft) -> tuple[str, ...]:
    """Take over the earlier results, and return the node to begin at.

    Returns
    -------
    tuple of str
        Where the token goes from the start node.
    """
    seed = draft.snapshot.facts.plan.seed
    if seed is None:
        raise BrokenInvariantError("Expected an instance that reruns another one")
    names = _names(draft)
    kept = {name: value for name, value in seed.variables.items() if name in names}
    draft.set_variables({**draft.variables, **kept})
    before = _before(draft.graph, seed.start_id)
    for node_id, outputs in seed.outputs.items():
        if node_id in before and node_id != draft.graph.start_id:
            _reuse(draft, node_id, outputs)
    return (seed.start_id,)


def edited_inputs(draft: Draft, state: NodeState) -> Mapping[str, JsonValue] | None:
    """Return the inputs that a person has given for the node to begin at, on its first visit."""
    seed: Seed | None = draft.snapshot.facts.plan.seed
    if seed is None or seed.start_id != state.node_id or state.visits > 1:
        return None
    return seed.inputs


def why_not(graph: Graph, node_id: str) -> str | None:
    """Return why a rerun cannot begin at a node, as one sentence; None where it can."""
    if scope_of(node_id):
        return f"Expected a node outside of inline subflows, but {node_id} lies in one"
    node = graph.nodes.get(node_id)
    if node is None or owner_of(node_id) is not None:
        return f"Expected a node of the graph, but {node_id} is none"
    if node.kind in _NO_BEGINNING:
        return f"Expected work or a gateway that branches, but {node_id} is {node.kind}"
    for split in graph.nodes.values():
        if split.converge_id is not None and node_id in _inside(graph, split):
            return (
                f"Expected a node outside of parallel branches, but {node_id} lies between"
                f" {split.node_id} and {split.converge_id}"
            )
    return None


def _names(draft: Draft) -> frozenset[str]:
    """Return the variables that the graph gives values to, at its start or later."""
    exported = (
        name
        for node in draft.graph.nodes.values()
        if not scope_of(node.node_id)
        for name in node.exports
    )
    return frozenset(draft.variables).union(exported)


def _before(graph: Graph, node_id: str) -> frozenset[str]:
    """Return the nodes from which a token comes to a node, without going back on the way."""
    found: set[str] = set()
    pending = [node_id]
    while pending:
        for edge in graph.incoming[pending.pop()]:
            if not edge.is_back and edge.source not in found:
                found.add(edge.source)
                pending.append(edge.source)
    return frozenset(found - {node_id})


def _inside(graph: Graph, split: Node) -> frozenset[str]:
    """Return the nodes of a split's branches, without the split and its converge."""
    found = {split.node_id, split.converge_id}
    inside: set[str] = set()
    pending = [split.node_id]
    while pending:
        for edge in graph.outgoing[pending.pop()]:
            if edge.target not in found:
                found.add(edge.target)
                inside.add(edge.target)
                pending.append(edge.target)
    return frozenset(inside)


def _reuse(draft: Draft, node_id: str, outputs: Mapping[str, JsonValue]) -> None:
    state = NodeState(
        node_id=node_id,
        status=NodeStatus.READY,
        visits=1,
        reason=WaitReason.QUEUED,
        check_at=draft.at,
        reached_at=draft.at,
    )
    draft.put(state)
    leave(draft, replace(state, outputs=outputs, mark=NodeMark.REUSED))
