from typing import Any

from flowyard.client.events import EventReader, ServerEvent
from flowyard.client.live import LiveInstance
from tests.unit.client.views import instance, node


def read(text: str) -> list[ServerEvent]:
    reader = EventReader()
    found = (reader.read(line) for line in text.split("\n"))
    return [one for one in found if one is not None]


def event(kind: str, **data: Any) -> ServerEvent:
    return ServerEvent(event=kind, data=data)


def test_an_event_has_a_kind_an_id_and_decoded_data() -> None:
    assert read('event: change\nid: 4\ndata: {"revision":4}\n\n') == [
        ServerEvent(event="change", id="4", data={"revision": 4})
    ]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    assert read(": still here\n\nretry: 5\ndata: 1\n\n") == [ServerEvent(event="message", data=1)]


def test_data_of_several_lines_is_one_and_need_not_be_json() -> None:
    assert read("data: one\ndata:two\n\n")[0].data == "one\ntwo"


def test_an_id_stays_until_there_is_another() -> None:
    assert [one.id for one in read("id: 1\ndata: 1\n\ndata: 2\n\nid: 3\ndata: 3\n\n")] == [
        "1",
        "1",
        "3",
    ]


def test_what_breaks_off_is_no_event() -> None:
    assert read("event: change\ndata: 1") == []


def test_a_change_replaces_the_nodes_that_it_carries_and_keeps_the_others() -> None:
    live = LiveInstance()
    live.take(event("snapshot", **instance(1, "running", [node("a"), node("b")])))

    view = live.take(
        event(
            "change",
            revision=2,
            status="succeeded",
            nodes=[node("b", status="succeeded"), node("c")],
        )
    )

    assert view is not None
    assert (view.status, view.revision, view.template) == ("succeeded", 2, "release")
    assert [(one.node_id, one.status) for one in view.nodes] == [
        ("a", "pending"),
        ("b", "succeeded"),
        ("c", "pending"),
    ]


def test_what_is_known_already_changes_nothing() -> None:
    live = LiveInstance()
    live.take(event("snapshot", **instance(3, "running", [])))

    assert live.take(event("change", revision=3, status="running", nodes=[])) is None
    assert live.take(event("of a newer server", revision=9)) is None
    assert live.seen == 3


def test_a_change_of_what_was_never_shown_is_left_alone() -> None:
    assert LiveInstance().take(event("change", revision=3, status="running", nodes=[])) is None


def test_a_new_beginning_forgets_what_was_there() -> None:
    live = LiveInstance()
    live.take(event("snapshot", **instance(3, "running", [node("a")])))

    view = live.take(event("snapshot", **instance(1, "running", [node("b")])))

    assert view is not None
    assert [one.node_id for one in view.nodes] == ["b"]


def test_the_end_is_told() -> None:
    live = LiveInstance()

    assert live.take(event("end", status="succeeded")) is None
    assert live.is_over
