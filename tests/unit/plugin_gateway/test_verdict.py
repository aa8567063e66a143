from typing import Any

import pytest

from flowyard.ids import new_id
from flowyard.storage.claims import StepRow
from flowyard_plugin_gateway.verdict import Verdict, judge
from tests.support.steps import step_key

ME, OTHER = new_id(), new_id()
KEY = step_key(step=2)


def row(**facts: Any) -> StepRow:
    found: dict[str, Any] = {
        "is_open": True,
        "step": 2,
        "claimed_step": 2,
        "runner": OTHER,
        "runner_status": "alive",
        "outcome": None,
        "is_unknown": False,
        "is_barred": False,
    }
    return StepRow(**{**found, **facts})


def verdict(found: StepRow | None, *, needs_claim: bool = True, may_judge: bool = True) -> Verdict:
    return judge(found, KEY, needs_claim=needs_claim, boot_id=ME, may_judge=may_judge)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, Verdict.STALE),
        (row(is_open=False), Verdict.STALE),
        (row(step=1), Verdict.STALE),
        (row(step=3), Verdict.STALE),
        (row(claimed_step=3), Verdict.STALE),
        (row(outcome="{}"), Verdict.STORED),
        (row(outcome="{}", runner=ME), Verdict.STORED),
        (row(outcome='{"unknown": true}', is_unknown=True), Verdict.UNKNOWN),
        (row(runner=ME), Verdict.RUN),
        (row(), Verdict.JOINED),
        (row(runner_status="silent"), Verdict.ABANDONED),
        (row(runner_status="gone"), Verdict.ABANDONED),
        (row(claimed_step=None, runner=None, runner_status="gone"), Verdict.UNCLAIMED),
        (row(claimed_step=1), Verdict.UNCLAIMED),
    ],
)
def test_rule_5_every_line_of_the_claim_matrix_has_its_verdict(
    found: StepRow | None, expected: Verdict
) -> None:
    assert verdict(found) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [(None, Verdict.STALE), (row(is_open=False), Verdict.STALE), (row(), Verdict.RUN)],
)
def test_a_step_that_needs_no_claim_runs_whenever_it_is_open(
    found: StepRow | None, expected: Verdict
) -> None:
    assert verdict(found, needs_claim=False) is expected


@pytest.mark.parametrize("needs_claim", [True, False])
def test_rule_4_a_step_waits_while_the_attempt_before_it_is_being_cancelled(
    needs_claim: bool,  # noqa: FBT001 - a column of the table
) -> None:
    barred = row(claimed_step=None, runner=None, is_barred=True)

    assert verdict(barred, needs_claim=needs_claim) is Verdict.BARRED
    assert verdict(row(is_open=False, is_barred=True)) is Verdict.STALE
    assert verdict(row(is_barred=True)) is Verdict.JOINED


def test_rule_5_who_may_not_judge_takes_a_silent_runner_for_alive_but_not_one_that_went() -> None:
    assert verdict(row(runner_status="silent"), may_judge=False) is Verdict.JOINED
    assert verdict(row(runner_status="gone"), may_judge=False) is Verdict.ABANDONED
