"""The flows that the bench runs: nothing but no-op nodes, claimed unless a workload says not."""

from datetime import datetime

from flowyard_cli.terminal import JsonObject

PLUGIN = "noop@1.0"
"""Not idempotent, so that every node pays for its claim."""

UNCLAIMED = "noop_idempotent@1.0"
"""The same without a claim: what it is faster by is what claims cost."""

SLEEP = "sleep@1.0"
"""Waits until a time."""


def chain(key: str, length: int, *, plugin: str = PLUGIN) -> JsonObject:
    """Return a flow of so many nodes, one after another."""
    return _document(key, [{"id": f"n{number}", "plugin": plugin} for number in range(length)])


def fanout(key: str, width: int) -> JsonObject:
    """Return a flow of one node, then so many at once, then one."""
    branches = [f"b{number}" for number in range(width)]
    return _document(
        key,
        [
            {"id": "first", "plugin": PLUGIN},
            {"id": "fan", "parallel": branches},
            *({"id": branch, "plugin": PLUGIN, "next": "join"} for branch in branches),
            {"id": "join", "converge": True},
            {"id": "last", "plugin": PLUGIN},
        ],
    )


def timer(key: str, due: datetime) -> JsonObject:
    """Return a flow of one node that waits until a time."""
    sleep = {"id": "sleep", "plugin": SLEEP, "inputs": {"until": due.isoformat()}}
    return _document(key, [sleep])


def _document(key: str, nodes: list[JsonObject]) -> JsonObject:
    return {"flowyard": 1, "key": key, "title": key, "nodes": nodes}
