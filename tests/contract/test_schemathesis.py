"""The API does what its OpenAPI document says, as far as a minute of requests can tell."""

import pytest

from tests.contract.__main__ import LEAST_REACHED
from tests.contract.run import Outcome, run

pytestmark = pytest.mark.timeout(900)

LEAST_CASES = 6000
"""Fewer requests would mean that a phase did not run."""


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Run it once, with the few cases of the shipped file and the same ones each time."""
    return run()


def test_no_answer_is_other_than_described(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.output


def test_every_phase_has_run_over_all_operations(outcome: Outcome) -> None:
    phases = {name: phase["status"] for name, phase in outcome.summary["phases"].items()}

    assert phases == dict.fromkeys(("examples", "coverage", "fuzzing", "stateful"), "success")
    assert outcome.summary["operations"]["tested"] == len(outcome.operations)
    assert outcome.cases > LEAST_CASES


def test_nine_of_ten_operations_have_answered_with_a_success(outcome: Outcome) -> None:
    assert outcome.share_reached >= LEAST_REACHED, outcome.text()
