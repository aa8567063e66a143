"""Where nodes stand on the canvas of bk-sops, and on ours."""

from collections.abc import Iterator, Mapping
from typing import TypeGuard

from flowyard.document.layout import FARTHEST
from flowyard.engine.graph import JsonValue

STRETCH = (1.5, 1.25)
"""How much further apart nodes stand on our canvas, to the right and down.

A node of bk-sops is drawn 154 pixels wide and 54 high, one of ours 208 and 64.
"""

Place = tuple[float, float]
"""Left and upper edge, in pixels."""


def read_positions(location: JsonValue) -> dict[str, Place]:
    """Return where nodes stand, by id, as far as it can be read: it only draws the flow.

    Positions that several nodes share are nobody's drawing: then there is none.
    """
    found = dict(_places(location))
    return found if len(set(found.values())) == len(found) else {}


def _places(location: JsonValue) -> Iterator[tuple[str, Place]]:
    for item in location if isinstance(location, list) else ():
        if not isinstance(item, dict):
            continue
        node_id, x, y = item.get("id"), item.get("x"), item.get("y")
        if isinstance(node_id, str) and _is_pixels(x) and _is_pixels(y):
            yield node_id, (x, y)


def _is_pixels(value: JsonValue) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) * max(STRETCH) <= FARTHEST


def layout(positions: Mapping[str, Place], node_ids: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return the layout of a native document.

    Parameters
    ----------
    positions
        By their ids.
    node_ids
        Our ids by theirs; what is none of these is not drawn.
    """
    return {
        ours: [round(at * stretch) for at, stretch in zip(positions[theirs], STRETCH, strict=True)]
        for theirs, ours in node_ids.items()
        if theirs in positions
    }
