"""Putting in the converges that a document leaves out.

Theory of operation: the branches of a split meet at its immediate post-dominator.
Where that is no converge, or one that another split has the better right to, each
way out of the split's branches is led through a new converge before it; where
several splits meet at one node, the innermost converge comes first. A converge that
was written but that some branch passes by is taken for a mistake: nothing is put in
then, and the check of the graph says what is wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from flowyard.engine.graph import Edge, Node, NodeKind
from flowyard.engine.structure import Stream, Streams, Structure


def insert_converges(
    structure: Structure,
) -> tuple[dict[str, Node], tuple[Edge, ...], dict[str, str]]:
    """Return the nodes and edges with all converges, and the split of each new one.

    Parameters
    ----------
    structure
        The graph as it was written; it may be unsound.
    """
    meetings = _without_bypassed(structure)
    streams = structure.streams(meetings)
    owners = _owners(structure, meetings, streams)
    names = _names(structure.nodes, [split for split in meetings if split not in owners])
    edges: list[Edge] = []
    links: dict[tuple[str, str], Edge] = {}
    for number, edge in enumerate(structure.edges):
        stream = streams.of_edge.get(number)
        ended = _ended(stream, edge.target, meetings) if stream else []
        route = [names[split_id] for split_id in ended if split_id in names]
        edges.append(replace(edge, target=route[0]) if route else edge)
        for source, target in pairwise([*route, edge.target]):
            links.setdefault((source, target), Edge(source=source, target=target))
    splits = {names[split_id]: split_id for split_id in names}
    return _nodes(structure, meetings, names), (*edges, *links.values()), splits


def _ended(stream: Stream, target: str, meetings: Mapping[str, str]) -> list[str]:
    """Return the splits whose branches an edge to ``target`` ends, the innermost first."""
    found: list[str] = []
    while stream.outer is not None and meetings.get(stream.split_id) == target:
        found.append(stream.split_id)
        stream = stream.outer
    return found


def _without_bypassed(structure: Structure) -> dict[str, str]:
    """Return the meetings but those of splits with a converge that serves nobody."""
    meetings = dict(structure.meetings)
    serving = set(meetings.values())
    for node_id, place in structure.post_dominators.items():
        if structure.nodes[node_id].kind is NodeKind.EXCLUSIVE:
            serving.add(place)
    streams = structure.streams(meetings)
    for node_id, stream in streams.of_node.items():
        if structure.nodes[node_id].kind is NodeKind.CONVERGE and node_id not in serving:
            meetings.pop(stream.split_id, None)
    return meetings


def _owners(structure: Structure, meetings: Mapping[str, str], streams: Streams) -> frozenset[str]:
    """Return the splits that keep the converge at which they meet: the outermost of each."""
    found: dict[str, str] = {}
    for split_id in structure.walk.order:
        place = meetings.get(split_id)
        if place is None or structure.nodes[place].kind is not NodeKind.CONVERGE:
            continue
        rival = found.get(place)
        if rival is None or _depth(streams, split_id) < _depth(streams, rival):
            found[place] = split_id
    return frozenset(found.values())


def _depth(streams: Streams, node_id: str) -> int:
    return streams.of_node[node_id].depth


def _names(nodes: Mapping[str, Node], splits: Iterable[str]) -> dict[str, str]:
    """Return an unused id for the new converge of each split."""
    found: dict[str, str] = {}
    for split_id in splits:
        name, number = f"{split_id}-converge", 1
        while name in nodes:
            number += 1
            name = f"{split_id}-converge-{number}"
        found[split_id] = name
    return found


def _nodes(
    structure: Structure, meetings: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Node]:
    """Return all nodes in order, each new converge before the node where its branches meet."""
    before: dict[str, list[str]] = {}
    for split_id, name in names.items():
        before.setdefault(meetings[split_id], []).append(name)
    found: dict[str, Node] = {}
    for node_id, node in structure.nodes.items():
        for name in before.get(node_id, ()):
            found[name] = Node(node_id=name, kind=NodeKind.CONVERGE)
        found[node_id] = node
    return found
