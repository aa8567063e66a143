"""Where nodes stand on the canvas."""

import pytest

from flowyard.document import compile_document, read_document, to_yaml
from tests.unit.document.optioned import KNOWN, conforms, flow, problems

ACTIVITY = "plugin: noop@1.0"


def test_positions_survive_in_the_order_of_the_nodes() -> None:
    text = flow(ACTIVITY, head="layout: {end: [400, 0], a: [200, -40], start: [0, 0]}\n")
    document = read_document(text)

    assert document.canonical()["layout"] == {"start": [0, 0], "a": [200, -40], "end": [400, 0]}
    assert read_document(to_yaml(document.canonical())) == document
    assert conforms(text)


def test_a_position_of_a_node_that_is_gone_is_left_out() -> None:
    document = read_document(flow(ACTIVITY, head="layout: {gone: [1, 2]}\n"))

    assert "layout" not in document.canonical()


def test_a_position_is_written_in_one_line() -> None:
    document = read_document(flow(ACTIVITY, head="layout: {a: [200, -40], end: [400, 0]}\n"))

    lines = to_yaml(document.canonical()).splitlines()

    assert lines[lines.index("layout:") + 1 :] == ["  a: [200, -40]", "  end: [400, 0]"]


def test_positions_make_no_difference_to_a_run() -> None:
    plain, drawn = (flow(ACTIVITY, head=head) for head in ("", "layout: {a: [1, 2]}\n"))

    graphs = [compile_document(read_document(text), plugins=KNOWN) for text in (plain, drawn)]

    assert graphs[0] == graphs[1]


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        ("[1, 2]", "wrong_type"),
        ("{a: 7}", "wrong_type"),
        ("{a: [1]}", "invalid_value"),
        ("{a: [1, 2, 3]}", "invalid_value"),
        ("{a: [x, 2]}", "wrong_type"),
        ("{a: [1.5, 2]}", "wrong_type"),
        ("{a: [1, 1000001]}", "invalid_value"),
        ("{gone: nowhere}", "wrong_type"),
    ],
)
def test_what_is_no_position_is_refused(layout: str, code: str) -> None:
    found = problems(flow(ACTIVITY, head=f"layout: {layout}\n"))

    assert [one.code for one in found] == [code]
