"""What all metrics of a process stand at, to be sent or to be compared with later."""

from collections.abc import Iterable
from itertools import pairwise

from msgspec import Struct
from prometheus_client.metrics_core import Metric as Family

from flowyard.telemetry.metrics import METRICS, MetricName

Labels = tuple[tuple[str, str], ...]
"""Names and values."""


class Point(Struct, frozen=True):
    """What one series stands at."""

    value: float
    """Of a counter or gauge; of a histogram, the sum of all observations."""
    counts: tuple[int, ...] = ()
    """For a histogram: observations by bucket, the last one without an upper bound."""

    def since(self, earlier: "Point") -> "Point":
        """Return what has come since an earlier point of the same series."""
        counts = zip(self.counts, earlier.counts, strict=False)
        return Point(
            self.value - earlier.value,
            tuple(now - before for now, before in counts) if earlier.counts else self.counts,
        )


State = dict[tuple[MetricName, Labels], Point]
"""What all series stand at, by their metric's name and their labels."""


def state_of(families: Iterable[tuple[MetricName, Family]]) -> State:
    """Return what metrics stand at."""
    found: State = {}
    for name, family in families:
        if METRICS[name].kind == "histogram":
            found.update(_histogram_points(name, family))
            continue
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                found[name, tuple(sample.labels.items())] = Point(sample.value)
    return found


def _histogram_points(name: MetricName, family: Family) -> State:
    below: dict[Labels, list[int]] = {}
    sums: dict[Labels, float] = {}
    for sample in family.samples:
        labels = tuple(pair for pair in sample.labels.items() if pair[0] != "le")
        if sample.name.endswith("_bucket"):
            below.setdefault(labels, [0]).append(int(sample.value))
        elif sample.name.endswith("_sum"):
            sums[labels] = sample.value
    return {
        (name, labels): Point(
            sums[labels], tuple(upper - lower for lower, upper in pairwise(counts))
        )
        for labels, counts in below.items()
    }
