"""The flows that the bench runs: nothing but no-op nodes, claimed like any other."""

from flowyard_cli.terminal import JsonObject

PLUGIN = "noop@1.0"
"""Not idempotent, so that every node pays for its claim."""


def chain(key: str, length: int) -> JsonObject:
    """Return a flow of so many nodes, one after another."""
    return _document(key, [{"id": f"n{number}", "plugin": PLUGIN} for number in range(length)])


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


def _document(key: str, nodes: list[JsonObject]) -> JsonObject:
    return {"flowyard": 1, "key": key, "title": key, "nodes": nodes}
