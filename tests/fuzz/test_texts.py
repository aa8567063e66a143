from collections.abc import Iterator

import pytest

from tests.fuzz.trying import tries
from tests.fuzz.victim import Victim

EXAMPLES = 250
"""So many that all targets together take less than a minute on two cores."""

TARGETS = ("definition", "import", "expression", "condition", "duration")


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    with Victim() as started:
        yield started


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_crashes_hangs_or_swells_what_takes_it(victim: Victim, target: str) -> None:
    tries(victim, target, examples=EXAMPLES)
