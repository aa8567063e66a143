"""Metrics that are numbers in a dictionary: a simulation starts thousands of services."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from typing_extensions import override

from flowyard.telemetry.metric_registry import Key, Source
from flowyard.telemetry.metrics import METRICS, MetricName, Metrics


class CountedMetrics(Metrics):
    """What a simulated service counts; names and labels are checked as everywhere."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()

    @override
    def count(self, name: MetricName, amount: float = 1.0, **labels: str) -> None:
        key = (name, *[labels[label] for label in METRICS[name].labels])
        self.counts[key] += int(amount)

    @override
    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        """Keep nothing of a histogram."""

    @override
    def observe_all(self, name: MetricName, values: Sequence[float], **labels: str) -> None:
        """Keep nothing of a histogram."""

    @override
    def set(self, name: MetricName, value: float, **labels: str) -> None:
        """Keep nothing of a gauge."""

    @override
    def show(self, name: MetricName, values: Mapping[Key, float]) -> None:
        """Keep nothing of a gauge."""

    @override
    @contextmanager
    def showing(self, name: MetricName, source: Source) -> Iterator[None]:
        """Ask no source."""
        yield

    @override
    @contextmanager
    def before_looking(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have nothing told."""
        yield

    @override
    def value(self, name: MetricName, **labels: str) -> float:
        return self.counts[(name, *labels.values())]
