"""Thousands of schedules of crash, delay, duplicate and reorder, and every instance ends right.

``FLOWYARD_SIMULATION_SECONDS`` gives it another budget than CI's.
"""

import pytest

from tests.support.environment import simulation_seconds
from tests.support.simulation.bugs import BUGS
from tests.support.simulation.campaign import campaign

SECONDS = simulation_seconds()
"""How long schedules run, in as many processes as CI has cores."""

PROCESSES = 2

LEAST_RUNS_PER_PROCESSOR_SECOND = 7.0
"""A third of what it does: schedules cannot become slow unseen, however busy the machine is."""

LEAST_RUNS = 100
"""Whatever else the machine does."""

BUG_SECONDS = 60.0
"""Within which a bug has to be found; it stops at the first schedule that breaks."""


@pytest.mark.timeout(SECONDS + 240)
def test_whatever_goes_wrong_every_instance_ends_as_its_oracle_says() -> None:
    found = campaign(first=1, seconds=SECONDS, processes=PROCESSES)

    print(f"{found.runs} schedules, {found.virtual_seconds:.0f} virtual seconds, in {SECONDS:g} s")  # noqa: T201 - shown by -s and on failure
    assert found.broken == (), "\n\n".join(found.broken)
    assert found.runs >= LEAST_RUNS
    assert found.runs >= found.processor_seconds * LEAST_RUNS_PER_PROCESSOR_SECOND


@pytest.mark.timeout(BUG_SECONDS + 180)
@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_bug_that_is_put_in_is_found_within_the_budget(bug: str) -> None:
    found = campaign(first=1, seconds=BUG_SECONDS, processes=PROCESSES, bug=bug)

    assert found.broken, f"{bug} was not found in {found.runs} schedules"
