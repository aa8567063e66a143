"""Small flows of bk-sops, written here for the tests."""

from itertools import pairwise
from typing import Any


def service(code: str = "sleep_timer", **options: Any) -> dict[str, Any]:
    data = options.pop("data", {"bk_timing": {"hook": False, "value": "2"}})
    component = {"code": code, "version": "legacy", "data": data}
    return {"type": "ServiceActivity", "name": "", "component": component, **options}


def constant(variable: str, value: Any = "", **keys: Any) -> dict[str, Any]:
    plain = {"key": f"${{{variable}}}", "name": "", "value": value, "show_type": "show"}
    return plain | {"source_type": "custom", "custom_type": "input", "source_info": {}} | keys


def tree(
    nodes: dict[str, dict[str, Any]],
    edges: list[tuple[str, str]],
    constants: list[dict[str, Any]] | None = None,
    outputs: list[str] | None = None,
) -> dict[str, Any]:
    """Return an editor's tree; edges are called ``source>target``."""
    flows = {f"{a}>{b}": {"id": f"{a}>{b}", "source": a, "target": b} for a, b in edges}
    told = {
        key: node
        | {
            "id": key,
            "incoming": [edge for edge in flows if edge.endswith(f">{key}")],
            "outgoing": [edge for edge in flows if edge.startswith(f"{key}>")],
        }
        for key, node in nodes.items()
    }
    first = next(edge for edge in flows if edge.startswith("s>"))
    return {
        "activities": {key: node for key, node in told.items() if "Gateway" not in node["type"]},
        "gateways": {key: node for key, node in told.items() if "Gateway" in node["type"]},
        "flows": flows,
        "constants": {one["key"]: one for one in constants or []},
        "outputs": outputs or [],
        "start_event": {"id": "s", "type": "EmptyStartEvent", "incoming": "", "outgoing": first},
        "end_event": {"id": "e", "type": "EmptyEndEvent", "outgoing": ""},
    }


def line(**nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a tree of nodes one after the other."""
    ids = ["s", *nodes, "e"]
    return tree(nodes, list(pairwise(ids)))
