"""Counters, gauges and histograms of one service, kept within the bounds of their labels.

Theory of operation. Whoever counts finds the series by the label values it gives, in one
dictionary. Only a combination that was not seen before is held against the bounds: what is
beyond them reads ``other``, is looked up anew each time, and is never remembered, so that
neither the text nor the memory grows with what strangers send.

What can be read off at any time - a lag, a pool's connections - is not set by anybody: a
*source* is asked for it when somebody looks, by Prometheus' scrape and by OTLP alike.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Generic, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from typing_extensions import override

from flowyard.telemetry.metric_definition import OTHER, MetricDefinition

MAX_SERIES = 2000
"""Most series of one metric: more of them than any screen shows, and 1 MB of text."""

NameT = TypeVar("NameT", bound=str)
ChildT = TypeVar("ChildT", Counter, Gauge, "BatchHistogram")

Key = tuple[str, ...]
"""Values of a metric's labels, in the order of its definition."""

Source = Callable[[], Mapping[Key, float]]
"""Tells what a gauge shows now."""


class BatchHistogram(Histogram):
    """A histogram that takes many observations at once."""

    def observe_all(self, values: Sequence[float]) -> None:
        """Take observations for hardly more than the price of one."""
        ordered = sorted(values)
        self._sum.inc(sum(ordered))
        below = place = 0
        while below < len(ordered):
            # The next bucket that has any; the last bound is infinite.
            place = bisect_left(self._upper_bounds, ordered[below], place)
            upto = bisect_right(ordered, self._upper_bounds[place], below)
            self._buckets[place].inc(upto - below)
            below = upto


class MetricRegistry(Generic[NameT]):
    """The metrics of one service.

    Counting is safe from any thread; looking at the numbers is for the thread that the
    sources belong to. A label that a definition does not name, or a missing one, is a
    programming error and raises ``KeyError``.

    Parameters
    ----------
    definitions
        All metrics there are, by name.
    """

    def __init__(self, definitions: Mapping[NameT, MetricDefinition]) -> None:
        self._definitions = definitions
        self._labels = {name: one.labels for name, one in definitions.items()}
        self._registry = _Registry(self._read_sources)
        ProcessCollector(registry=self._registry)
        self._counters: dict[NameT, Counter] = {}
        self._gauges: dict[NameT, Gauge] = {}
        self._histograms: dict[NameT, BatchHistogram] = {}
        self._counter_children: dict[tuple[NameT, Key], Counter] = {}
        self._gauge_children: dict[tuple[NameT, Key], Gauge] = {}
        self._histogram_children: dict[tuple[NameT, Key], BatchHistogram] = {}
        self._series: dict[NameT, _Series] = {}
        self._sources: dict[NameT, list[Source]] = {}
        self._tellers: list[Callable[[], None]] = []

    def begin_at_zero(self, prefix: str) -> None:
        """Have counters stand at 0 before anything is counted.

        Whoever looks at growth, as alerts do, does not see the first event of a series that
        begins with it. Counters with a label that is not closed begin when they are counted.

        Parameters
        ----------
        prefix
            With which their names begin.
        """
        for name, definition in self._definitions.items():
            values = [label.values for label in definition.bounds]
            if definition.kind == "counter" and name.startswith(prefix) and all(values):
                for key in product(*values):
                    self.count(name, 0, **dict(zip(definition.labels, key, strict=True)))

    def count(self, name: NameT, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        key = (name, self._values(name, labels))
        child = self._counter_children.get(key)
        if child is None:
            child = self._child(self._counter(name), self._counter_children, key)
        child.inc(amount)

    def observe(self, name: NameT, value: float, **labels: str) -> None:
        """Add one observation to a histogram; durations in seconds."""
        self._observer(name, labels).observe(value)

    def observe_all(self, name: NameT, values: Sequence[float], **labels: str) -> None:
        """Add many observations to a histogram, for hardly more than the price of one."""
        self._observer(name, labels).observe_all(values)

    def set(self, name: NameT, value: float, **labels: str) -> None:
        """Set a gauge."""
        key = (name, self._values(name, labels))
        child = self._gauge_children.get(key)
        if child is None:
            child = self._child(self._gauge(name), self._gauge_children, key)
        child.set(value)

    def show(self, name: NameT, values: Mapping[Key, float]) -> None:
        """Let a gauge show exactly this: series that are not named any more go.

        Parameters
        ----------
        values
            By the values of the labels, in the order of the definition.
        """
        parent = self._gauge(name)
        most = self._definitions[name].other == "most"
        before, series = self._series.get(name), _Series(self._definitions[name])
        shown: dict[Key, float] = {}
        # What is shown already stays apart from the rest; sorting keeps the order otherwise.
        for key in sorted(values, key=lambda key: before is None or key not in before.known):
            bounded = series.admit(key)
            earlier = shown.get(bounded, 0.0)
            shown[bounded] = max(earlier, values[key]) if most else earlier + values[key]
        for key in () if before is None else before.known - shown.keys():
            self._gauge_children.pop((name, key), None)
            if key:
                parent.remove(*key)
            else:
                parent.set(0)
        for key, value in shown.items():
            child = parent.labels(*key) if key else parent
            child.set(value)
        series.known = set(shown)
        self._series[name] = series

    @contextmanager
    def showing(self, name: NameT, source: Source) -> Iterator[None]:
        """Let a gauge show what a source tells, for the length of the block.

        What several sources tell of one gauge is added up.
        """
        sources = self._sources.setdefault(name, [])
        sources.append(source)
        try:
            yield
        finally:
            sources.remove(source)

    @contextmanager
    def before_looking(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have something called before anybody looks, for the length of the block.

        For whoever notes what happens and counts it later, many at once.
        """
        self._tellers.append(tell)
        try:
            yield
        finally:
            self._tellers.remove(tell)

    def value(self, name: NameT, **labels: str) -> float:
        """Return what a counter or gauge stands at, or how often a histogram was observed."""
        definition = self._definitions[name]
        suffix = "_count" if definition.kind == "histogram" else ""
        return self._registry.get_sample_value(f"{name}{suffix}", labels) or 0.0

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def families(self) -> Iterator[tuple[NameT, Metric]]:
        """Return each metric that has series, with its samples as they stand now."""
        self._read_sources()
        parents: tuple[Mapping[NameT, Counter | Gauge | BatchHistogram], ...]
        parents = (self._counters, self._gauges, self._histograms)
        for of_kind in parents:
            for name, parent in of_kind.items():
                for family in parent.collect():
                    yield name, family

    def _read_sources(self) -> None:
        for tell in self._tellers:
            tell()
        for name, sources in self._sources.items():
            found: dict[Key, float] = {}
            for source in sources:
                for key, value in source().items():
                    found[key] = found.get(key, 0.0) + value
            self.show(name, found)

    def _observer(self, name: NameT, labels: Mapping[str, str]) -> BatchHistogram:
        key = (name, self._values(name, labels))
        child = self._histogram_children.get(key)
        if child is None:
            child = self._child(self._histogram(name), self._histogram_children, key)
        return child

    def _child(
        self, parent: ChildT, children: dict[tuple[NameT, Key], ChildT], key: tuple[NameT, Key]
    ) -> ChildT:
        """Return the series of label values that were not seen before."""
        name, values = key
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series(self._definitions[name])
        bounded = series.admit(values)
        child: ChildT = parent.labels(*bounded) if bounded else parent
        if bounded == values:
            children[key] = child
        return child

    def _counter(self, name: NameT) -> Counter:
        parent = self._counters.get(name)
        if parent is None:
            one = self._expect(name, "counter")
            parent = Counter(name, one.help, one.labels, registry=self._registry)
            self._counters[name] = parent
        return parent

    def _gauge(self, name: NameT) -> Gauge:
        parent = self._gauges.get(name)
        if parent is None:
            one = self._expect(name, "gauge")
            parent = Gauge(name, one.help, one.labels, registry=self._registry)
            self._gauges[name] = parent
        return parent

    def _histogram(self, name: NameT) -> BatchHistogram:
        parent = self._histograms.get(name)
        if parent is None:
            one = self._expect(name, "histogram")
            parent = BatchHistogram(
                name, one.help, one.labels, registry=self._registry, buckets=one.buckets
            )
            self._histograms[name] = parent
        return parent

    def _expect(
        self, name: NameT, kind: Literal["counter", "gauge", "histogram"]
    ) -> MetricDefinition:
        definition = self._definitions[name]
        if definition.kind != kind:
            raise KeyError(f"{name} is a {definition.kind}, not a {kind}")
        return definition

    def _values(self, name: NameT, labels: Mapping[str, str]) -> Key:
        expected = self._labels[name]
        if len(labels) != len(expected):
            raise KeyError(f"{name} expects the labels {expected}, but got {tuple(labels)}")
        return tuple([labels[label] for label in expected])


class _Series:
    """Which label values of one metric are told apart."""

    def __init__(self, definition: MetricDefinition) -> None:
        self._bounds = definition.bounds
        self._seen: tuple[set[str], ...] = tuple({*one.values} for one in definition.bounds)
        self.known: set[Key] = set()

    def admit(self, values: Key) -> Key:
        """Return the label values to count under: the same ones, or ``other`` beyond a bound."""
        found = tuple(map(self._bounded, range(len(values)), values))
        if found not in self.known and len(self.known) >= MAX_SERIES:
            found = (OTHER,) * len(found)
        self.known.add(found)
        return found

    def _bounded(self, place: int, value: str) -> str:
        label, seen = self._bounds[place], self._seen[place]
        if value in seen:
            return value
        if label.values or len(seen) >= label.limit:
            return OTHER
        seen.add(value)
        return value


class _Registry(CollectorRegistry):
    """Asks the sources before anybody looks, and leaves out the ``_created`` series.

    Those double the text and serve nobody here.
    """

    def __init__(self, before: Callable[[], None]) -> None:
        super().__init__(auto_describe=True)
        self._before = before

    @override
    def collect(self) -> Iterator[Metric]:
        self._before()
        for metric in super().collect():
            metric.samples = [
                sample for sample in metric.samples if not sample.name.endswith("_created")
            ]
            yield metric
