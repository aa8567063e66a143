"""Following a log, against a server that answers what each test says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from flowyard.client import NotFoundError, UnreachableError
from tests.support.both_clients import QUICK, Ask, ask
from tests.support.scripted_server import Reply, ScriptedServer, scripted_server
from tests.unit.client.views import INSTANCE_ID

__all__ = ["ask"]

NO_ROUTE = Reply(status=404, body={"code": "not_found"})
NO_ATTEMPT = Reply(status=404, body={"code": "not_found", "detail": "There is no attempt 1"})
NO_ROOM = Reply(status=429, body={"code": "too_many_streams"}, headers={"Retry-After": "0"})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def line(sequence: int) -> dict[str, Any]:
    return {"sequence": sequence, "at": "2031-05-01T12:00:00Z", "level": "info", "text": "x"}


def page(*sequences: int, after: int = 0, is_complete: bool = False) -> Reply:
    last = max(sequences, default=after)
    lines = [line(one) for one in sequences]
    return Reply(body={"lines": lines, "next_after": last, "is_complete": is_complete})


def stream(*sequences: int, ends: bool = False, breaks_off: bool = False) -> Reply:
    """Return a stream of lines, with its end or without."""
    told = [("line", one, line(one)) for one in sequences]
    if ends:
        told.append(("end", sequences[-1], {"next_after": sequences[-1]}))
    text = ": open\n\n" + "".join(
        f"event: {kind}\nid: {sequence}\ndata: {orjson.dumps(data).decode()}\n\n"
        for kind, sequence, data in told
    )
    headers = {"Content-Type": "text/event-stream"}
    return Reply(body=text.encode(), headers=headers, breaks_off=breaks_off)


def follow(server: ScriptedServer, ask: Ask, **options: Any) -> list[int]:
    lines = ask(
        server.address, lambda flowyard: flowyard.follow_log(INSTANCE_ID, "a", 1, **options)
    )
    return [line.sequence for line in lines]


def paths(server: ScriptedServer) -> list[str]:
    root = f"/api/v1/instances/{INSTANCE_ID}/nodes/a/attempts/1/"
    return [one.path.removeprefix(root) for one in server.asked]


def test_the_log_of_what_has_ended_takes_one_request(server: ScriptedServer, ask: Ask) -> None:
    server.say(page(4, 5, is_complete=True))

    assert follow(server, ask, after=3, level="info") == [4, 5]
    assert paths(server) == ["logs?after=3&level=info"]


def test_what_is_there_is_read_and_what_comes_is_streamed(server: ScriptedServer, ask: Ask) -> None:
    server.say(page(1, 2), stream(3, 4, ends=True))

    assert follow(server, ask, level="info") == [1, 2, 3, 4]
    assert paths(server) == ["logs?after=0&level=info", "logs/stream?after=2&level=info"]


@pytest.mark.parametrize("breaks_off", [True, False])
def test_a_stream_without_its_end_is_taken_up_behind_the_last_line(
    server: ScriptedServer, ask: Ask, *, breaks_off: bool
) -> None:
    server.say(
        page(1),
        stream(2, 3, breaks_off=breaks_off),
        Reply(is_lost=True),
        Reply(status=503),
        page(4),
        Reply(is_lost=True),
        page(after=4),
        stream(5, ends=True),
    )

    assert follow(server, ask) == [1, 2, 3, 4, 5]
    assert paths(server)[-4:] == [
        "logs?after=3",
        "logs/stream?after=4",
        "logs?after=4",
        "logs/stream?after=4",
    ]


def test_where_there_is_no_room_for_a_stream_the_log_is_read(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(page(1), NO_ROOM, page(2, after=1), NO_ROOM, page(after=2, is_complete=True))

    assert follow(server, ask) == [1, 2]
    assert paths(server)[2] == "logs?after=1"


def test_a_server_without_streams_of_logs_is_asked_to_wait(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(page(1), NO_ROUTE, page(2), page(3, is_complete=True))

    assert follow(server, ask) == [1, 2, 3]
    assert paths(server)[2:] == ["logs?after=1&wait=30.0", "logs?after=2&wait=30.0"]


def test_an_attempt_that_has_not_begun_is_waited_for(server: ScriptedServer, ask: Ask) -> None:
    server.say(NO_ATTEMPT, stream(1, ends=True))

    assert follow(server, ask) == [1]


def test_an_attempt_that_there_will_never_be_is_refused(server: ScriptedServer, ask: Ask) -> None:
    server.say(NO_ATTEMPT, NO_ROUTE)

    with pytest.raises(NotFoundError) as caught:
        follow(server, ask)

    assert "There is no attempt 1" in str(caught.value)


def test_a_server_that_stays_away_is_given_up(server: ScriptedServer, ask: Ask) -> None:
    server.say(page(1), *[Reply(is_lost=True)] * 1000)

    with pytest.raises(UnreachableError):
        ask(
            server.address,
            lambda flowyard: flowyard.follow_log(INSTANCE_ID, "a", 1),
            retries=replace(QUICK, waiting_patience_seconds=0.2),
        )
