"""What a step tells its trace of calls to other systems: without its secrets."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from flowyard.contracts.plugin import StepSpan
from flowyard.telemetry.spans import Span
from flowyard.telemetry.tracing import Tracing
from flowyard_plugin_gateway.references import Disclosed


class Calls:
    """Records the calls of one step to other systems.

    Parameters
    ----------
    tracing
        Where spans go.
    traceparent
        The step's own.
    disclosed
        The step's secrets, which a plugin's author may overlook in an address.
    """

    __slots__ = ("_disclosed", "_traceparent", "_tracing")

    def __init__(self, tracing: Tracing, traceparent: str, disclosed: Disclosed) -> None:
        self._tracing = tracing
        self._traceparent = traceparent
        self._disclosed = disclosed

    def span(
        self, name: str, attributes: Mapping[str, str | int]
    ) -> AbstractContextManager[StepSpan]:
        """Return the block of a call to another system."""
        if self._disclosed.is_empty:
            return self._tracing.call_span(
                name, traceparent=self._traceparent, attributes=attributes
            )
        return self._masked(name, attributes)

    @contextmanager
    def _masked(self, name: str, attributes: Mapping[str, str | int]) -> Iterator[StepSpan]:
        mask = self._disclosed.mask
        safe = {
            key: mask(value) if isinstance(value, str) else value
            for key, value in attributes.items()
        }
        with self._tracing.call_span(
            mask(name), traceparent=self._traceparent, attributes=safe
        ) as span:
            yield _MaskedSpan(span, self._disclosed)


class _MaskedSpan:
    """A span that keeps no secrets."""

    __slots__ = ("_disclosed", "_span", "traceparent")

    def __init__(self, span: Span, disclosed: Disclosed) -> None:
        self._span = span
        self._disclosed = disclosed
        self.traceparent = span.traceparent

    def set(self, key: str, value: str | float) -> None:
        """Keep a value under a key."""
        self._span.set(key, self._disclosed.mask(value) if isinstance(value, str) else value)

    def fail(self, code: str, message: str) -> None:
        """Mark it as failed."""
        self._span.fail(self._disclosed.mask(code), self._disclosed.mask(message))
