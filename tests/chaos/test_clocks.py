"""What a clock that jumps does to a process, and what it leaves alone."""

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flowyard.clock import SystemClock
from tests.chaos.clocks import FakeClock, FaketimeMissingError, find_library
from tests.support.environment import is_kafka_required, outside_environment

TELL = """
import time
from flowyard.clock import SystemClock
print(SystemClock().now().isoformat(), time.monotonic())
"""
SLOWEST_START = timedelta(seconds=60)


@pytest.fixture
def library() -> Path:
    try:
        return find_library()
    except FaketimeMissingError as error:
        if is_kafka_required():
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.mark.parametrize("seconds", [-7200, 0, 864000])
def test_the_wall_clock_jumps_and_the_monotonic_one_does_not(
    seconds: int, library: Path, tmp_path: Path
) -> None:
    clock = FakeClock(tmp_path / "clock")
    clock.jump(seconds)
    before, began = SystemClock().now(), time.monotonic()

    told = subprocess.run(  # noqa: S603  # our own few lines
        [sys.executable, "-c", TELL],
        env={**outside_environment(), **clock.variables(library)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    jumped = datetime.fromisoformat(told[0]) - before - timedelta(seconds=seconds)
    assert -timedelta(seconds=1) <= jumped < SLOWEST_START
    assert began <= float(told[1]) <= time.monotonic()
