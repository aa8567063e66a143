"""Numbers made out of times."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import linear_regression

from flowyard_cli.errors import BenchFailedError


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that the given share of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, math.ceil(share * len(ordered)))
    return ordered[rank - 1]


def spread_ms(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds."""
    return {
        "p50_ms": round(percentile(seconds, 0.50) * 1000, 2),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 2),
    }


def gaps(moments: Sequence[datetime]) -> list[float]:
    """Return the seconds between each moment and the next."""
    ordered = sorted(moments)
    return [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]


def middle_rate(moments: Sequence[datetime]) -> float:
    """Return how many moments a second there are between the first tenth and the last one.

    Raises
    ------
    BenchFailedError
        Raised if they are too few to have a middle, or all the same.
    """
    ordered = sorted(moments)
    tenth = len(ordered) // 10
    first, last = tenth, len(ordered) - 1 - tenth
    seconds = (ordered[last] - ordered[first]).total_seconds() if last > first else 0.0
    if seconds <= 0:
        raise BenchFailedError(f"Expected the ends of many nodes, but got {len(ordered)}")
    return (last - first) / seconds


def slope_per_minute(seconds: Sequence[float], values: Sequence[float]) -> float:
    """Return by how much values grow in a minute: the line of least squares."""
    return linear_regression(seconds, values).slope * 60
