"""The client against a real server on this machine that answers what each test says."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from flowyard.client import (
    NO_RETRIES,
    AsyncFlowyard,
    BadRequestError,
    ConflictError,
    Flowyard,
    InvalidError,
    NoServerError,
    NotFoundError,
    ProblemError,
    ServerFaultError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)
from flowyard.client.models import CreateInstance, Link
from flowyard.errors import FlowyardError, PermanentError, RetryableError
from tests.support.both_clients import Ask, ask
from tests.support.ports import free_port
from tests.support.scripted_server import Reply, ScriptedServer, scripted_server

__all__ = ["ask"]

ME = {"actor": "ops", "token_id": "0197c0de-0000-7000-8000-000000000001"}
PROJECT = {
    "project_id": "0197c0de-0000-7000-8000-000000000002",
    "name": "shop",
    "title": "Shop",
    "created_at": "2031-05-01T12:00:00Z",
}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def problem(status: int, code: str, **more: Any) -> Reply:
    headers = more.pop("headers", {})
    body = {"status": status, "code": code, "title": f"About {code}", "detail": "So it is", **more}
    return Reply(status=status, body=body, headers=headers)


def test_a_request_says_who_asks_and_an_answer_is_typed(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body=ME))

    me = ask(server.address, lambda flowyard: flowyard.me.get(), user_agent="release-bot/2")

    headers = server.asked[0].headers
    assert me.actor == "ops"
    assert headers["authorization"] == "Bearer a-token"
    assert re.fullmatch(r"release-bot/2 flowyard-python(/[\d.]+)?", headers["user-agent"])


def test_instants_are_aware(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body=PROJECT))

    project = ask(server.address, lambda flowyard: flowyard.projects.get("shop"))

    assert project.created_at.utcoffset() == timedelta(0)


def test_what_a_newer_server_adds_is_passed_over(server: ScriptedServer, ask: Ask) -> None:
    plugin = {
        "name": "noop", "version": "1.0", "title": "Nothing", "description": "", "is_new": True,
        "idempotency": "on_sundays", "inputs_schema": {}, "outputs_schema": {},
        "is_cancellable": False,
    }  # fmt: skip
    server.say(Reply(body=plugin))

    found = ask(server.address, lambda flowyard: flowyard.plugins.get("noop", "1.0"))

    assert found.idempotency == "on_sundays"
    assert not hasattr(found, "is_new")


def test_places_in_an_address_are_quoted(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body=PROJECT))

    ask(server.address, lambda flowyard: flowyard.projects.get("a/b ü?"))

    assert server.asked[0].path == "/api/v1/projects/a%2Fb%20%C3%BC%3F"


def test_a_write_whose_answer_was_lost_is_sent_again_under_the_same_key(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(Reply(is_lost=True), Reply(breaks_off=True), Reply(status=201, body=PROJECT))

    made = ask(server.address, lambda flowyard: flowyard.projects.create(name="shop"))

    first, second, third = server.keys()
    assert made.name == "shop"
    assert first is not None
    assert first == second == third


def test_two_writes_have_two_keys_and_a_key_of_ones_own_is_taken(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(*[Reply(status=201, body=PROJECT)] * 3)

    ask(server.address, lambda flowyard: flowyard.projects.create(name="a"))
    ask(server.address, lambda flowyard: flowyard.projects.create(name="b"))
    ask(server.address, lambda flowyard: flowyard.projects.create(name="c", idempotency_key="mine"))

    first, second, third = server.keys()
    assert first != second
    assert third == "mine"


def test_a_write_that_is_still_in_flight_is_asked_for_again(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(problem(409, "request_in_flight"), Reply(status=201, body=PROJECT))

    made = ask(server.address, lambda flowyard: flowyard.projects.create(name="shop"))

    assert made.name == "shop"


def test_a_server_that_has_too_much_to_do_is_asked_again_when_it_wants(
    server: ScriptedServer, ask: Ask
) -> None:
    refusal = problem(429, "overloaded", headers={"Retry-After": "0"})
    server.say(refusal, Reply(status=503, headers={"Retry-After": "0"}), Reply(body=ME))

    assert ask(server.address, lambda flowyard: flowyard.me.get()).actor == "ops"
    assert len(server.asked) == 3


def test_who_wants_to_be_left_alone_for_too_long_is_not_asked_again(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(problem(429, "overloaded", headers={"Retry-After": "600"}))

    with pytest.raises(TooManyRequestsError) as caught:
        ask(server.address, lambda flowyard: flowyard.me.get())

    assert caught.value.retry_after == 600.0
    assert isinstance(caught.value, RetryableError)


def test_without_patience_everything_is_sent_once(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(status=503))

    with pytest.raises(UnavailableError):
        ask(server.address, lambda flowyard: flowyard.me.get(), retries=NO_RETRIES)

    assert len(server.asked) == 1


@pytest.mark.parametrize("refused", [Reply(is_lost=True), Reply(status=503)], ids=["lost", "503"])
def test_what_has_no_key_is_sent_once(server: ScriptedServer, ask: Ask, refused: Reply) -> None:
    server.say(refused)

    with pytest.raises((UnreachableError, UnavailableError)):
        ask(
            server.address,
            lambda flowyard: flowyard.callbacks.post(
                ME["token_id"], "wait", 1, "token", body={"done": True}
            ),
        )

    assert len(server.asked) == 1
    assert server.asked[0].json() == {"done": True}


def test_a_server_that_does_not_listen_yet_is_waited_for(ask: Ask) -> None:
    port = free_port()

    with pytest.raises(UnreachableError) as caught:
        ask(f"http://127.0.0.1:{port}", lambda flowyard: flowyard.me.get(), retries=NO_RETRIES)

    assert isinstance(caught.value, RetryableError)
    assert f"127.0.0.1:{port}" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, UnauthenticatedError),
        (404, NotFoundError),
        (409, ConflictError),
        (418, BadRequestError),
        (422, InvalidError),
        (500, ServerFaultError),
    ],
)
def test_a_refusal_is_an_error_of_its_kind(
    server: ScriptedServer, ask: Ask, status: int, kind: type[ProblemError]
) -> None:
    fault = {"loc": ["body", "name"], "msg": "Expected a name", "type": "missing", "line": 3}
    server.say(
        problem(status, "a_code", errors=[fault], instance="r-1", allowed=["retry"], column=None)
    )

    with pytest.raises(kind) as caught:
        ask(server.address, lambda flowyard: flowyard.me.get())

    error = caught.value
    assert (error.status, error.code, error.title) == (status, "a_code", "About a_code")
    assert error.faults[0].loc == ("body", "name")
    assert error.facts["allowed"] == ["retry"]
    assert error.request_id == "r-1"
    assert isinstance(error, FlowyardError)
    assert isinstance(error, PermanentError) is (status != 500)
    assert "body.name (line 3, column None): Expected a name" in str(error)


def test_a_refusal_by_something_else_on_the_way_is_an_error_too(
    server: ScriptedServer, ask: Ask
) -> None:
    server.say(Reply(status=404, body=b"<html>nothing here</html>"))

    with pytest.raises(NotFoundError) as caught:
        ask(server.address, lambda flowyard: flowyard.me.get())

    assert caught.value.code == "http_404"


@pytest.mark.parametrize("body", [b"<html>hello</html>", {"another": "thing"}])
def test_an_answer_of_something_else_is_told_as_that(
    server: ScriptedServer, ask: Ask, body: Any
) -> None:
    server.say(Reply(body=body))

    with pytest.raises(UnexpectedAnswerError, match="Expected MeView"):
        ask(server.address, lambda flowyard: flowyard.me.get())


def test_an_operation_that_ends_some_day_is_told(server: ScriptedServer, ask: Ask) -> None:
    headers = {"Deprecation": "@1799539200", "Sunset": "Sat, 10 Jul 2027 00:00:00 GMT"}
    server.say(Reply(body=ME, headers=headers))

    with pytest.warns(DeprecationWarning, match="GET /api/v1/me is deprecated and goes on Sat"):
        ask(server.address, lambda flowyard: flowyard.me.get())


def test_what_is_not_given_is_not_sent(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body={"items": [], "next_cursor": None}))

    ask(
        server.address,
        lambda flowyard: flowyard.instances.list(
            "shop",
            status=["failed", "paused"],
            is_mock=False,
            created_after=datetime.fromisoformat("2031-05-01T12:00:00+00:00"),
        ),
    )

    assert server.asked[0].path == (
        "/api/v1/projects/shop/instances?status=failed&status=paused"
        "&created_after=2031-05-01T12%3A00%3A00%2B00%3A00&is_mock=false"
    )


def test_a_document_is_sent_as_what_it_is(server: ScriptedServer, ask: Ask) -> None:
    server.say(*[Reply(body={"problems": []})] * 2)

    ask(server.address, lambda flowyard: flowyard.templates.validate("shop", "flowyard: 1\n"))
    ask(server.address, lambda flowyard: flowyard.templates.validate("shop", {"flowyard": 1}))

    text, said = server.asked
    assert (text.headers["content-type"], text.body) == ("application/yaml", b"flowyard: 1\n")
    assert (said.headers["content-type"], said.json()) == ("application/json", {"flowyard": 1})


def test_models_are_sent_with_what_was_given_to_them(server: ScriptedServer, ask: Ask) -> None:
    link = Link(kind="ticket", url="https://tickets.example/1")
    server.say(
        Reply(status=201, body={"items": []}),
        Reply(status=202, body={"items": [], "has_more": False}),
    )

    ask(
        server.address,
        lambda flowyard: flowyard.instances.bulk_create(
            "shop", items=[CreateInstance(template="release", links=[link])]
        ),
    )
    ask(
        server.address,
        lambda flowyard: flowyard.instances.pause_many(
            "shop", instance_ids=[PROJECT["project_id"]]
        ),
    )

    made, paused = server.asked
    assert made.json() == {
        "items": [
            {
                "template": "release",
                "links": [{"kind": "ticket", "url": "https://tickets.example/1"}],
            }
        ]
    }
    assert paused.path == "/api/v1/projects/shop/instances/actions/pause"
    assert paused.json() == {"instance_ids": [PROJECT["project_id"]]}


def test_a_list_is_read_page_by_page_as_far_as_it_is_wanted(
    server: ScriptedServer, ask: Ask
) -> None:
    pages = [("a", "2"), ("b", "3"), ("c", None)]
    server.say(
        *(
            Reply(body={"items": [{**PROJECT, "name": name}], "next_cursor": cursor})
            for name, cursor in pages
        )
    )

    found = ask(server.address, lambda flowyard: flowyard.projects.list(limit=1))

    assert [one.name for one in found] == ["a", "b", "c"]
    assert [one.path.partition("?")[2] for one in server.asked] == [
        "limit=1",
        "cursor=2&limit=1",
        "cursor=3&limit=1",
    ]


def test_a_first_page_costs_one_request(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body={"items": [PROJECT], "next_cursor": "2"}))

    page = ask(server.address, lambda flowyard: flowyard.projects.list().page())

    assert page.next_cursor == "2"
    assert len(server.asked) == 1


def test_the_callers_trace_goes_on(server: ScriptedServer, ask: Ask) -> None:
    server.say(Reply(body=ME))
    parent = NonRecordingSpan(
        SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    )

    with trace.use_span(parent):
        ask(server.address, lambda flowyard: flowyard.me.get())

    assert server.asked[0].headers["traceparent"] == f"00-{0xABC:032x}-{0xDEF:016x}-01"


@pytest.mark.parametrize("client", [Flowyard, AsyncFlowyard])
def test_server_and_token_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, client: type[Flowyard]
) -> None:
    monkeypatch.setenv("FLOWYARD_SERVER", "https://flowyard.example/")
    monkeypatch.setenv("FLOWYARD_TOKEN", "a-token")

    assert client().server == "https://flowyard.example"


@pytest.mark.parametrize("missing", ["FLOWYARD_SERVER", "FLOWYARD_TOKEN"])
def test_what_is_named_nowhere_is_told(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("FLOWYARD_SERVER", "https://flowyard.example")
    monkeypatch.setenv("FLOWYARD_TOKEN", "a-token")
    monkeypatch.delenv(missing)

    with pytest.raises(NoServerError, match=missing):
        Flowyard()
