from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from flowyard.client.call import Call
from flowyard.client.retrying import Absence, Patience, Retries, retry_after

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
READ = Call("GET", "/x")
KEYED = Call("POST", "/x", is_keyed=True)
UNKEYED = Call("POST", "/x")
RETRIES = Retries(patience_seconds=10, first_pause_seconds=1, longest_pause_seconds=4)


@dataclass
class HandClock:
    """A clock that is put forward by hand."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.seconds


def patience(call: Call, clock: HandClock | None = None, **more: float) -> Patience:
    return Patience(retries=RETRIES, call=call, clock=clock or HandClock(), **more)


def answer(status: int, retry: str | None = None, **body: object) -> httpx.Response:
    headers = {} if retry is None else {"Retry-After": retry}
    return httpx.Response(status, headers=headers, json=body)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 May 2031 12:00:05 GMT", 5.0),
        ("Thu, 01 May 2031 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_an_instant(said: str, seconds: float | None) -> None:
    assert retry_after(answer(429, said), NOW) == seconds


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_pauses_double_up_to_a_bound_and_leave_a_half_to_chance(status: int) -> None:
    waiting = patience(READ)

    pauses = [waiting.after_answer(answer(status)) or 0.0 for _ in range(5)]

    for pause, most in zip(pauses, [1, 2, 4, 4, 4], strict=True):
        assert most / 2 <= pause <= most


def test_what_the_server_wants_counts_and_bounds_no_later_pause() -> None:
    waiting = patience(READ)

    assert waiting.after_answer(answer(503, "3")) == 3.0
    assert (waiting.after_answer(answer(503)) or 9.0) <= 1.0


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500, 501])
def test_other_refusals_stay_what_they_are(status: int) -> None:
    assert patience(READ).after_answer(answer(status)) is None


def test_a_conflict_is_waited_out_only_where_the_first_request_is_under_way() -> None:
    assert patience(KEYED).after_answer(answer(409, code="request_in_flight")) is not None
    assert patience(KEYED).after_answer(answer(409, code="template_deleted")) is None


@pytest.mark.parametrize("call", [READ, KEYED, Call("PUT", "/x"), Call("DELETE", "/x")])
def test_what_does_no_harm_twice_is_repeated(call: Call) -> None:
    assert patience(call).after_error(httpx.ReadError("lost")) is not None
    assert patience(call).after_answer(answer(503)) is not None


def test_what_may_have_been_done_is_not_repeated_and_what_never_arrived_is() -> None:
    assert patience(UNKEYED).after_error(httpx.ReadError("lost")) is None
    assert patience(UNKEYED).after_answer(answer(503, "1")) is None
    assert patience(UNKEYED).after_error(httpx.ConnectError("refused")) is not None


def test_patience_ends() -> None:
    clock = HandClock()
    waiting = patience(READ, clock)

    assert waiting.after_answer(answer(503, "9")) == 9.0
    clock.seconds = 9.5
    assert waiting.after_answer(answer(503, "1")) is None


def test_a_deadline_ends_it_sooner() -> None:
    assert patience(READ, deadline=2.0).after_answer(answer(503, "3")) is None
    assert patience(READ, deadline=4.0).after_answer(answer(503, "3")) == 3.0


def test_an_absence_is_measured_from_its_first_failure() -> None:
    clock = HandClock()
    absence = Absence(retries=Retries(waiting_patience_seconds=10), clock=clock)

    clock.seconds = 600
    assert [absence.pause(), absence.pause()] == [0.2, 0.4]
    clock.seconds = 611
    assert absence.pause() is None
    absence.end()
    assert absence.pause() == 0.2
