"""Commands for one and for several instances or nodes, and what is said of each."""

from typing import Any

import httpx
import orjson
import pytest
import typer

from flowyard_cli.client import Client
from flowyard_cli.commands import ordering
from flowyard_cli.commands.ordering import Aim, Connection, nodes_of, order_each
from flowyard_cli.errors import RefusedError, UsageError
from flowyard_cli.target import Target
from flowyard_cli.terminal import OutputFormat

ASKED: list[tuple[str, dict[str, Any]]] = []


def answer(request: httpx.Request) -> httpx.Response:
    ASKED.append((request.url.path, orjson.loads(request.content)))
    if "/bad/" in request.url.path:
        body = {"status": 409, "code": "forbidden_operation", "detail": "Expected another"}
        return httpx.Response(409, json=body)
    outcome = None if "/slow/" in request.url.path else "applied"
    return httpx.Response(200, json={"command_id": 1, "outcome": outcome})


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    ASKED.clear()
    target = Target(server="http://flowyard.example", token="a-token")  # noqa: S106
    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(ordering, "open_client", lambda *_: Client(target, transport=transport))


TEXT = Connection(None, None, OutputFormat.TEXT)
JSON = Connection(None, None, OutputFormat.JSON)


def test_one_command_says_what_became_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    order_each(TEXT, "force-fail", [Aim("i1", "deploy:3")], {"message": "Hangs"})

    assert capsys.readouterr().out == "force-fail: applied\n"
    assert ASKED == [
        ("/api/v1/instances/i1/nodes/deploy:3/actions/force-fail", {"message": "Hangs"})
    ]


def test_a_command_that_is_open_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    order_each(TEXT, "pause", [Aim("slow")])

    assert "not carried out yet" in capsys.readouterr().out


def test_a_refusal_of_the_only_one_is_raised() -> None:
    with pytest.raises(RefusedError):
        order_each(TEXT, "pause", [Aim("bad")])


def test_a_refusal_holds_no_other_back_and_fails_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as caught:
        order_each(TEXT, "pause", [Aim("bad"), Aim("i1")])

    told = capsys.readouterr()
    assert caught.value.exit_code == 1
    assert told.out == "pause i1: applied\n"
    assert told.err.startswith("pause bad: Expected another")


def test_several_outcomes_are_one_json_list(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        order_each(JSON, "pause", [Aim("i1"), Aim("bad")])

    first, second = orjson.loads(capsys.readouterr().out)
    assert (first["target"], first["outcome"]) == ("i1", "applied")
    assert (second["target"], second["refused"]) == ("bad", "forbidden_operation")


def test_nodes_have_to_be_named() -> None:
    with pytest.raises(UsageError):
        nodes_of("i1", None)
