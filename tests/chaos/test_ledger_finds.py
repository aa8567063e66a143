"""The ledger proves itself: whatever is wrong in the books, it is found."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowyard.ids import new_id
from tests.chaos.books import AttemptRow, Books, InstanceRow, NodeRow
from tests.chaos.kinds import KINDS
from tests.chaos.ledger import Ledger
from tests.chaos.load import Accepted
from tests.chaos.oracle import LIMIT, UNKNOWN, Drawn
from tests.chaos.outside import Call

INSTANCE = str(new_id())
OPENED = datetime(2031, 5, 1, tzinfo=UTC)
TAG = "1-0"


def _drawn(key: str) -> Drawn:
    kind = next(one for one in KINDS if one.key == key)
    return kind.draw(random.Random(1), TAG)  # noqa: S311  # nothing secret


def _attempt(node_id: str, number: int = 1, **other: object) -> AttemptRow:
    given = {"status": "succeeded", "opened_at": OPENED, "closed_at": OPENED} | other
    return AttemptRow(instance_id=INSTANCE, node_id=node_id, number=number, **given)  # type: ignore[arg-type]


def _call(attempt: AttemptRow, name: str, at: float, *, seconds: float = 0.5) -> Call:
    return Call(attempt.attempt_id, TAG, name, at, at + seconds)


def _books() -> Ledger:
    """Return the books of one approved flow: ``before``, ``ask``, ``after``."""
    drawn = _drawn("approved")
    acting = {"method": "POST"}
    lost = _attempt("before", status="failed", code=UNKNOWN, inputs=acting)
    before = _attempt("before", 2, inputs=acting)
    after = _attempt("after", inputs=acting)
    nodes = [
        NodeRow(instance_id=INSTANCE, node_id=node_id, status="succeeded", number=number)
        for node_id, number in (("before", 2), ("ask", 1), ("after", 1))
    ]
    outputs = drawn.expects.outputs
    instance = InstanceRow(
        instance_id=INSTANCE, kind="approved", tag=TAG, status="succeeded", outputs=outputs
    )
    return Ledger(
        books=Books(
            instances=[instance], nodes=nodes, attempts=[lost, before, _attempt("ask"), after]
        ),
        accepted=[Accepted(instance_id=INSTANCE, drawn=drawn)],
        cancelled=frozenset(),
        calls=[_call(lost, "before", 1), _call(before, "before", 2), _call(after, "after", 3)],
    )


def _with(**changes: object) -> Callable[[Ledger], Ledger]:
    return lambda books: replace(books, books=replace(books.books, **changes))  # type: ignore[arg-type]


def _changed(group: str, place: int, **changes: object) -> Callable[[Ledger], Ledger]:
    def change(ledger: Ledger) -> Ledger:
        rows = list(getattr(ledger.books, group))
        rows[place] = replace(rows[place], **changes)
        return replace(ledger, books=replace(ledger.books, **{group: rows}))

    return change


def _without(group: str, place: int) -> Callable[[Ledger], Ledger]:
    def change(ledger: Ledger) -> Ledger:
        rows = list(getattr(ledger.books, group))
        del rows[place]
        return replace(ledger, books=replace(ledger.books, **{group: rows}))

    return change


def _twice(place: int) -> Callable[[Ledger], Ledger]:
    return lambda ledger: replace(ledger, calls=[*ledger.calls, ledger.calls[place]])


def _without_call(place: int) -> Callable[[Ledger], Ledger]:
    def change(ledger: Ledger) -> Ledger:
        return replace(
            ledger, calls=[one for number, one in enumerate(ledger.calls) if number != place]
        )

    return change


def _later_order(ledger: Ledger) -> Ledger:
    drawn = ledger.accepted[0].drawn
    expects = replace(drawn.expects, order=["after", "before"])
    accepted = replace(ledger.accepted[0], drawn=replace(drawn, expects=expects))
    return replace(ledger, accepted=[accepted])


def _stranger(ledger: Ledger) -> Ledger:
    other = replace(ledger.books.instances[0], instance_id=str(new_id()))
    return _with(instances=[*ledger.books.instances, other])(ledger)


SHORT_WAIT = {"inputs": {"seconds": 3}, "closed_at": OPENED + timedelta(seconds=2)}

WRONG = {
    "an instance is lost": _with(instances=[], nodes=[], attempts=[]),
    "an instance is there twice": _stranger,
    "an instance is stuck": _changed("instances", 0, status="running"),
    "an instance has failed": _changed("instances", 0, status="failed"),
    "an instance was cancelled": _changed("instances", 0, status="cancelled"),
    "an output is wrong": _changed("instances", 0, outputs={"approved": False}),
    "a node is missing": _without("nodes", 1),
    "a node is not what it should be": _changed("nodes", 1, status="skipped"),
    "a node was entered twice": _changed("nodes", 1, visits=2),
    "a node still waits": _changed("nodes", 1, times=["reason=timer"]),
    "a node is at another attempt": _changed("nodes", 0, number=1),
    "an attempt is open": _changed("attempts", 2, is_closed=False),
    "an attempt is missing": _without("attempts", 0),
    "an unknown outcome was not tried again": _without("attempts", 1),
    "a node succeeded twice": _changed("attempts", 0, status="succeeded", code=None),
    "a node failed for no reason": _changed("attempts", 0, code="connection_failed"),
    "a cancellation goes on": _changed("attempts", 2, is_stopping=True),
    "a state is kept": _changed("attempts", 2, keeps_state=True),
    "a wait was too short": _changed("attempts", 2, **SHORT_WAIT),
    "an effect was repeated": _twice(1),
    "an effect of unknown outcome was repeated": _twice(0),
    "an effect is missing": _without_call(1),
    "effects came in another order": _later_order,
    "something is left": _with(leftovers=["concurrency slot: {}"]),
}


def test_good_books_are_found_good() -> None:
    assert _books().findings() == []
    assert [one.number for one in _books().unknown] == [1]


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_is_found(what: str) -> None:
    assert WRONG[what](_books()).findings() != []


def test_a_cancelled_instance_has_to_be_cancelled_if_that_was_applied() -> None:
    accepted = Accepted(instance_id=INSTANCE, drawn=_drawn("cancelled"))
    ended = InstanceRow(instance_id=INSTANCE, kind="cancelled", tag=TAG, status="succeeded")
    books = Books(instances=[ended], nodes=[], attempts=[])

    kept = Ledger(books=books, accepted=[accepted], cancelled=frozenset(), calls=[])
    lost = replace(kept, cancelled=frozenset({INSTANCE}))

    assert kept.findings() == []
    assert len(lost.findings()) == 1


def test_too_many_effects_of_a_concurrency_key_are_found() -> None:
    at_once = [
        Call(str(new_id()), TAG, "keyed", number / 10, number / 10 + 1)
        for number in range(LIMIT + 1)
    ]
    in_turn = [replace(one, begun_at=n, ended_at=n + 1) for n, one in enumerate(at_once)]
    empty = Ledger(
        books=Books(instances=[], nodes=[], attempts=[]),
        accepted=[],
        cancelled=frozenset(),
        calls=[],
    )

    assert not list(replace(empty, calls=in_turn)._of_concurrency())
    assert len(list(replace(empty, calls=at_once)._of_concurrency())) == 1
