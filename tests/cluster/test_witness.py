"""The witness that the other tests of this folder believe."""

import threading

import httpx
import pytest

from tests.support.witness import Witness


def _act(witness: Witness, attempt: str, said: object = None) -> None:
    httpx.post(
        f"{witness.url}/effects",
        headers={"Idempotency-Key": attempt},
        json=said,
        trust_env=False,
    )


def test_an_attempt_that_takes_effect_twice_is_seen(witness: Witness) -> None:
    _act(witness, "one")
    _act(witness, "two")
    _act(witness, "two")

    assert witness.effects().total() == 3
    assert witness.repeated() == {"two": 2}


def test_a_call_counts_even_if_its_caller_goes_before_the_answer(witness: Witness) -> None:
    witness.hold()
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{witness.url}/effects",
            headers={"Idempotency-Key": "one"},
            timeout=0.5,
            trust_env=False,
        )

    assert witness.effects() == {"one": 1}


def test_calls_are_kept_in_the_order_of_their_arrival(witness: Witness) -> None:
    for number in (2, 1, 3):
        _act(witness, f"{number}", number)

    assert witness.said() == [2, 1, 3]
    assert witness.most_open() == 1


def test_calls_that_are_open_at_once_are_counted(witness: Witness) -> None:
    witness.hold()
    calls = [threading.Thread(target=_act, args=(witness, f"{one}")) for one in range(3)]

    for call in calls:
        call.start()
    witness.wait_for_effects(3)
    during = witness.callers()
    witness.release()
    for call in calls:
        call.join()

    assert len(set(during)) == 3
    assert witness.most_open() == 3
    assert witness.callers() == []


def test_a_call_whose_caller_has_gone_is_not_open(witness: Witness) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{witness.url}/hangs", timeout=0.5, trust_env=False)
    # It is noticed by the witness's own loop, before it answers this.
    _act(witness, "later")

    assert witness.callers() == []
