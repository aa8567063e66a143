"""Reading where nodes stand on the canvas; a flow without it is laid out when it is drawn."""

from collections.abc import Mapping

from flowyard.document.model import END_ID, START_ID, DocumentNode, Position
from flowyard.document.part import Part

FARTHEST = 1_000_000
"""Farthest that a node may stand from the origin, in pixels; no drawing is a tenth of it."""


def read_layout(part: Part | None, nodes: tuple[DocumentNode, ...]) -> Mapping[str, Position]:
    """Return the positions of nodes by id, in the order of the nodes.

    A position of a node that there is not is left out without a word: whoever takes a node
    away by hand need not think of the drawing.

    Parameters
    ----------
    nodes
        What is drawn, besides start and end.
    """
    if part is None:
        return {}
    entries = part.entries("a mapping of node ids to positions")
    found = {node_id: _position(item) for node_id, item in entries.items()}
    drawn = (START_ID, *(node.node_id for node in nodes), END_ID)
    return {node_id: at for node_id in drawn if (at := found.get(node_id)) is not None}


def _position(part: Part) -> Position | None:
    items = part.items("a position [x, y]")
    if isinstance(part.value, list) and len(items) != 2:  # noqa: PLR2004  # x and y
        part.wrong(
            "invalid_value", f"Expected a position [x, y], but there are {len(items)} values"
        )
        return None
    numbers = [item.integer("whole pixels", least=-FARTHEST, most=FARTHEST) for item in items]
    return (numbers[0], numbers[1]) if numbers else None
