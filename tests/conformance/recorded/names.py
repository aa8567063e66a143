"""Where the nodes of a recorded tree are found in the instance that plays it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]
"""A recorded tree, or a part of one."""


@dataclass(slots=True)
class Names:
    """What the things of a tree are called here, by their ids in the tree."""

    root: str
    """Id of the whole tree: the instance."""
    nodes: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    """Node ids of subflows by the ids of their processes, which are the same in the tree."""
    targets: dict[str, str] = field(default_factory=dict)
    """Node that an edge leads to, within its own scope, by the edge's id."""
    codes: dict[str, str] = field(default_factory=dict)
    """Components of activities."""

    def of(self, node_id: str) -> str:
        """Return what a node of the tree is called here."""
        # Assertions may hold a node's description instead of its id.
        return self.nodes[node_id.rstrip(">").rpartition(":")[2]]


def names_of(tree: JsonObject, node_ids: Mapping[str, Mapping[str, str]]) -> Names:
    """Return the names of a tree and of all that lies in it.

    Parameters
    ----------
    node_ids
        Our ids of nodes by theirs, for each imported flow by its id.
    """
    names = Names(root=tree["id"])
    _add(names, tree, tree["id"], "", node_ids)
    return names


def _add(
    names: Names,
    tree: JsonObject,
    flow_id: str,
    prefix: str,
    node_ids: Mapping[str, Mapping[str, str]],
) -> None:
    known = node_ids[flow_id]
    for node_id in _ids(tree):
        names.nodes[node_id] = prefix + known[node_id]
    for edge_id, edge in tree["flows"].items():
        names.targets[edge_id] = known[edge["target"]]
    for node_id, activity in tree["activities"].items():
        if activity["type"] != "SubProcess":
            names.codes[node_id] = activity["component"]["code"]
            continue
        inner_id = f"{flow_id}-{node_id}"
        names.scopes[node_id] = prefix + known[node_id]
        _add(names, activity["pipeline"], inner_id, f"{prefix}{known[node_id]}.", node_ids)


def _ids(tree: JsonObject) -> Iterator[str]:
    yield tree["start_event"]["id"]
    yield from tree["activities"]
    yield from tree["gateways"]
    yield tree["end_event"]["id"]
