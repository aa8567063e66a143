from datetime import UTC, datetime, timedelta

import pytest

from flowyard_cli.bench.measures import gaps, percentile, spread_ms

AT = datetime(2030, 1, 1, tzinfo=UTC)


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 0.50) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7


def test_gaps_are_taken_between_neighbours_in_time() -> None:
    moments = [AT + timedelta(milliseconds=ms) for ms in (30, 0, 10)]

    assert gaps(moments) == pytest.approx([0.010, 0.020])
    assert spread_ms(gaps(moments)) == {"p50_ms": 10.0, "p99_ms": 20.0}
