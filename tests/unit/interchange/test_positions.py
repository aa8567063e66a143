"""Where nodes of bk-sops stand on its canvas, and then on ours."""

from typing import Any

import orjson
import pytest

from flowyard.document import read_document, to_yaml
from flowyard.engine.graph import JsonValue
from flowyard.interchange.positions import read_positions
from tests.unit.interchange.imports import codes, document, imported
from tests.unit.interchange.trees import line, service

FIRST, SECOND = f"n{'0a' * 16}", f"node{'1b' * 15}"


def _drawn(*location: dict[str, Any]) -> dict[str, Any]:
    return line(**{FIRST: service(), SECOND: service()}) | {"location": [*location]}


def _at(node_id: str, x: JsonValue, y: JsonValue) -> dict[str, JsonValue]:
    return {"id": node_id, "type": "tasknode", "x": x, "y": y, "name": "", "status": ""}


def test_positions_are_taken_over_under_our_ids_with_room_for_our_nodes() -> None:
    tree = _drawn(
        _at("s", 20, 150), _at(FIRST, 120, 145), _at(SECOND, 320.4, -145), _at("e", 520, 150)
    )

    layout = document(tree)["layout"]

    assert layout == {
        "start": [30, 188],
        "sleep-timer-1": [180, 181],
        "sleep-timer-2": [481, -181],
        "end": [780, 188],
    }


def test_an_imported_drawing_is_read_back_from_yaml() -> None:
    tree = _drawn(_at("s", 20, 150), _at(FIRST, 120, 145))

    found = document(tree)

    assert read_document(to_yaml(found)).canonical()["layout"] == found["layout"]


def test_what_is_no_position_is_left_to_the_layout_without_a_word() -> None:
    tree = _drawn(
        _at(FIRST, 120, 145),
        _at(SECOND, "far", 1),
        _at("s", x=True, y=1),
        _at("e", 1_000_000, 1),
        _at("gone", 1, 2),
        {"id": ["?"], "x": 1, "y": 1},
        {"x": 1, "y": 2},
    )

    result = imported(tree)

    assert result.templates[0].document["layout"] == {"sleep-timer-1": [180, 181]}
    assert codes(result) == []


@pytest.mark.parametrize("location", [None, {}, "here", [], [1, None, []], 7])
def test_a_flow_without_a_drawing_has_no_layout(location: JsonValue) -> None:
    tree = line(a=service()) | {"location": location}

    assert "layout" not in document(orjson.loads(orjson.dumps(tree)))


def test_nodes_that_all_stand_at_one_place_were_never_drawn() -> None:
    assert read_positions([_at("a", 0, 0), _at("b", 0, 0)]) == {}
    assert read_positions([_at("a", 0, 0), _at("b", 0, 1)]) == {"a": (0, 0), "b": (0, 1)}


def test_an_inner_flow_keeps_its_own_drawing() -> None:
    inner = line(b=service()) | {"location": [_at("b", 100, 100)]}
    outer = line(
        sub={"type": "SubProcess", "name": "Inner", "template_id": "1", "pipeline": inner}
    ) | {"location": [_at("sub", 200, 200)]}

    layouts = [one.document["layout"] for one in imported(outer).templates]

    assert layouts == [{"b": [150, 125]}, {"sub": [300, 250]}]
