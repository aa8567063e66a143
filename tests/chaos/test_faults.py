"""What a schedule of faults promises."""

import itertools
from collections import Counter

import pytest

from tests.chaos.faults import LEAST_PAUSE, LONGEST_PAUSE, FaultKind, Targets, schedule

TARGETS = Targets(
    processes={
        "api": ["api-0", "api-1"],
        "worker": ["worker-0", "worker-1"],
        "kafka": ["kafka"],
    },
    links={"kafka": ["api-0>kafka", "worker-0>kafka"]},
    disks=["kafka"],
    clocks={"api": ["api-1"]},
)
COMBINATIONS = 3 * 3 + 3 + 1 + 1 + 1


def test_a_seed_repeats_its_schedule() -> None:
    assert schedule(7, 300, TARGETS) == schedule(7, 300, TARGETS)
    assert schedule(7, 300, TARGETS) != schedule(8, 300, TARGETS)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    shorter = schedule(7, 100, TARGETS)

    assert schedule(7, 300, TARGETS)[: len(shorter)] == shorter


@pytest.mark.parametrize("seed", range(20))
def test_something_goes_wrong_every_3_to_15_seconds(seed: int) -> None:
    faults = schedule(seed, 3600, TARGETS)

    pauses = [later.at - earlier.at for earlier, later in itertools.pairwise(faults)]
    assert min(pauses) >= LEAST_PAUSE
    assert max(pauses) <= LONGEST_PAUSE


@pytest.mark.parametrize("seed", range(20))
def test_no_target_is_hit_while_it_is_ill(seed: int) -> None:
    ill_until: dict[str, float] = {}
    for fault in schedule(seed, 3600, TARGETS):
        assert ill_until.get(fault.target, 0.0) <= fault.at
        ill_until[fault.target] = fault.at + fault.seconds


@pytest.mark.parametrize("seed", range(20))
def test_what_can_happen_happens_equally_often_all_the_time(seed: int) -> None:
    faults = schedule(seed, 3600, TARGETS)[: 4 * COMBINATIONS]

    kinds = Counter(fault.kind for fault in faults)
    assert set(kinds) == set(FaultKind)
    assert abs(kinds[FaultKind.KILL] - 3 * kinds[FaultKind.CLOCK]) <= 6
