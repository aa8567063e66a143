"""What a metric and its labels are: kinds, bounds, and the words that define them."""

from dataclasses import dataclass
from typing import Literal

FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bucket bounds from one hop inside the cluster to the longest step (60 s)."""

HOP_SECONDS = (0.0005, *FAST_SECONDS)
"""Bucket bounds for one hop of the engine, and for one transaction: the shortest take 0.3 ms."""

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
"""Bucket bounds for how many things were handled together."""

OTHER = "other"
"""What a label reads for whatever is beyond its bound."""

USUAL_LIMIT = 100
"""Most values of a label that are told apart, unless its definition says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a metric, and what bounds it."""

    name: str
    values: tuple[str, ...] = ()
    """All that it may read besides ``other``; empty where configuration and flows give names."""
    limit: int = USUAL_LIMIT
    """Most values that are told apart, the first ones that come; without meaning for a closed
    set."""
    meaning: str = ""
    """Where its values come from, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """What one metric is."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    """One sentence for the person who reads a dashboard."""
    bounds: tuple[Label, ...] = ()
    """What its labels may read."""
    buckets: tuple[float, ...] = FAST_SECONDS
    """Upper bounds; for histograms only."""
    other: Literal["sum", "most"] = "sum"
    """What a gauge shows of all that reads ``other``: their sum, or the most of them."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of its labels, in order."""
        return tuple(label.name for label in self.bounds)


def _bounds(labels: tuple[Label | str, ...]) -> tuple[Label, ...]:
    return tuple(Label(name=one) if isinstance(one, str) else one for one in labels)


def counter(text: str, *labels: Label | str) -> MetricDefinition:
    """Define a number that only grows."""
    return MetricDefinition(kind="counter", help=text, bounds=_bounds(labels))


def gauge(
    text: str, *labels: Label | str, other: Literal["sum", "most"] = "sum"
) -> MetricDefinition:
    """Define a number that comes and goes."""
    return MetricDefinition(kind="gauge", help=text, bounds=_bounds(labels), other=other)


def histogram(
    text: str, *labels: Label | str, buckets: tuple[float, ...] = FAST_SECONDS
) -> MetricDefinition:
    """Define a distribution."""
    return MetricDefinition(kind="histogram", help=text, bounds=_bounds(labels), buckets=buckets)


def one_of(name: str, *values: str) -> Label:
    """Define a label that reads one of a closed set."""
    return Label(name=name, values=values)
