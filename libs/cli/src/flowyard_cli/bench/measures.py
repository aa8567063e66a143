"""Numbers made out of times."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise


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
