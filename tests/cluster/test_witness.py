"""The witness that the other tests of this folder believe."""

import httpx
import pytest

from tests.support.witness import Witness


def _act(witness: Witness, attempt: str) -> None:
    httpx.post(f"{witness.url}/effects", headers={"Idempotency-Key": attempt}, trust_env=False)


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
