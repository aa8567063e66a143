"""Whatever is killed, stopped, cut off, filled up or set wrong, nothing is lost."""

import sys
from pathlib import Path

import pytest

from tests.chaos.arena import Programs
from tests.chaos.command import run_plan
from tests.chaos.run import Plan
from tests.support.environment import is_kafka_required
from tests.support.wanted_programs import wanted_postgres

pytestmark = [pytest.mark.kafka, pytest.mark.service, pytest.mark.timeout(900)]

SEED = 5
SECONDS = 225.0
"""Together with start and rest it takes five minutes."""


@pytest.fixture
def programs(kafka_jars: Path) -> Programs:
    return Programs(kafka=kafka_jars, postgres=wanted_postgres())


def test_nothing_is_lost_and_nothing_repeated_whatever_breaks(
    programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run_plan(Plan(seed=SEED, seconds=SECONDS), programs)
    with capsys.disabled():
        sys.stdout.write(f"\n{report.summary()}\n")

    assert report.findings == [], report.complaint()
    assert report.faults.total() >= SECONDS / 15
    assert report.counts["instances accepted"] >= SECONDS
    # Clocks need a package; whether one may mount is the machine's own business.
    assert not (is_kafka_required() and any("clock" in one for one in report.missing))
