import httpx
import orjson
import pytest

from flowyard_cli.client import PATIENCE_SECONDS, Client
from flowyard_cli.errors import (
    FieldError,
    RefusedError,
    ServerUnreachableError,
    UsageError,
    describe,
    exit_status,
)
from flowyard_cli.target import Target

BEARER = "a-token"
TARGET = Target(server="http://flowyard.example", token=BEARER)


class Server:
    """Answers with what it is given, in order, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def client(self) -> Client:
        return Client(TARGET, transport=httpx.MockTransport(self), sleep=self.pauses.append)


def problem(status: int, **members: object) -> httpx.Response:
    body = {"type": "about:blank", "status": status, **members}
    return httpx.Response(
        status,
        content=orjson.dumps(body),
        headers={"Content-Type": "application/problem+json", "X-Request-ID": "r-1"},
    )


def test_a_request_carries_the_token() -> None:
    server = Server(httpx.Response(200, json={"actor": "me"}))

    with server.client() as client:
        answer = client.get("/api/v1/me")

    assert answer == {"actor": "me"}
    assert server.requests[0].headers["Authorization"] == f"Bearer {BEARER}"
    assert "Idempotency-Key" not in server.requests[0].headers


def test_a_write_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    server = Server(httpx.ReadError("lost"), httpx.Response(201, json={}))

    with server.client() as client:
        client.post("/api/v1/projects", {"name": "x"})

    first, second = server.requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_a_server_that_has_too_much_to_do_is_asked_again() -> None:
    server = Server(
        httpx.Response(429, headers={"Retry-After": "0"}), httpx.Response(200, json={"ok": True})
    )

    with server.client() as client:
        assert client.get("/x") == {"ok": True}


def test_a_write_that_outlasts_the_patience_for_its_answer_is_asked_for_again() -> None:
    in_flight = problem(409, code="request_in_flight", detail="The first is not done")
    server = Server(httpx.ReadTimeout("slow"), in_flight, in_flight, httpx.Response(201, json={}))

    with server.client() as client:
        assert client.post("/api/v1/x", {}) == {}

    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 1


def test_a_conflict_of_another_kind_is_not_repeated() -> None:
    server = Server(problem(409, code="not_allowed", detail="It has ended"))

    with server.client() as client, pytest.raises(RefusedError):
        client.post("/api/v1/x", {})

    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    server = Server(httpx.ConnectError("Connection refused"))

    with server.client() as client, pytest.raises(ServerUnreachableError, match="Connection ref"):
        client.get("/x")

    assert len(server.requests) == 1


def test_a_problem_document_becomes_words_with_code_fields_and_request() -> None:
    server = Server(
        problem(
            422,
            code="invalid_request",
            detail="Expected valid inputs, but one is not",
            errors=[{"loc": ["body", "inputs", "n"], "msg": "must be a number", "type": "x"}],
        )
    )

    with server.client() as client, pytest.raises(RefusedError) as caught:
        client.post("/x", {})

    assert caught.value.fields == (FieldError(place="body.inputs.n", message="must be a number"),)
    assert describe(caught.value).splitlines() == [
        "Expected valid inputs, but one is not (invalid_request, request r-1)",
        "  body.inputs.n: must be a number",
    ]


def test_an_answer_that_is_no_problem_document_is_told_by_its_status() -> None:
    server = Server(httpx.Response(404, text="<html>no such page</html>"))

    with server.client() as client, pytest.raises(RefusedError) as caught:
        client.get("/x")

    assert caught.value.reason == "http_404"


@pytest.mark.parametrize(
    ("status", "wanted"), [(400, 2), (401, 2), (404, 2), (409, 1), (422, 2), (429, 1), (500, 1)]
)
def test_the_exit_status_tells_whose_turn_it_is(status: int, wanted: int) -> None:
    refused = RefusedError(status=status, reason="x", detail="x")

    assert exit_status(refused) == wanted
    assert exit_status(UsageError("x")) == 2
    assert exit_status(ServerUnreachableError("x")) == 1


def test_pages_are_read_up_to_the_wanted_number() -> None:
    server = Server(
        httpx.Response(200, json={"items": [{"n": 1}, {"n": 2}], "next_cursor": "c"}),
        httpx.Response(200, json={"items": [{"n": 3}, {"n": 4}], "next_cursor": "d"}),
    )

    with server.client() as client:
        rows = list(client.pages("/x", {"status": ["a", "b"]}, most=3))

    assert [row["n"] for row in rows] == [1, 2, 3]
    assert server.requests[0].url.params.get_list("status") == ["a", "b"]
    assert server.requests[1].url.params["cursor"] == "c"


def overloaded(seconds: int) -> httpx.Response:
    answer = problem(429, code="overloaded", detail="Too much waits")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def test_a_server_that_is_overloaded_is_asked_again_when_it_says_and_that_is_told() -> None:
    server = Server(*(overloaded(seconds) for seconds in (4, 60, 7, 1, 1)), problem(200))
    said: list[str] = []

    with Client(
        TARGET, transport=httpx.MockTransport(server), sleep=server.pauses.append, say=said.append
    ) as client:
        client.post("/x", {})

    assert server.pauses == [4, 60, 7, 1, 1]
    assert said[0] == "Too much waits; trying again in 4 s"
    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 1


def test_a_server_that_stays_overloaded_is_given_up() -> None:
    server = Server(*(overloaded(60) for _ in range(9)))

    with server.client() as client, pytest.raises(RefusedError) as caught:
        client.post("/x", {})

    assert sum(server.pauses) == PATIENCE_SECONDS
    assert caught.value.reason == "overloaded"
    assert exit_status(caught.value) == 1
