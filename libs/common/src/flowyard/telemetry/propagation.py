"""W3C trace context as text: ``00-<trace id>-<span id>-<flags>``.

Source: https://www.w3.org/TR/trace-context/, section 3.2.
"""

import random
from functools import lru_cache
from typing import NamedTuple

_PARTS = 4
_TRACE_ID_DIGITS = 32
_SPAN_ID_DIGITS = 16
_SPAN_AT = 36
_FLAGS_AT = 52
"""Where the id of the span begins, and what follows it."""
_SAMPLED = 0x01
_HEX = frozenset("0123456789abcdef")
_SAMPLED_DIGITS = tuple("13579bdf")


class TraceContext(NamedTuple):
    """One place in one trace."""

    trace_id: int
    span_id: int
    is_sampled: bool

    @property
    def traceparent(self) -> str:
        """The context as text, to hand on."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{'01' if self.is_sampled else '00'}"


@lru_cache(maxsize=1024)
def parse(traceparent: str | None) -> TraceContext | None:
    """Return the context that a text names, or None when it names none.

    What is not sampled is handed on as it is, so that all steps of an instance name the same one.
    """
    if traceparent is None:
        return None
    parts = traceparent.split("-")
    if len(parts) < _PARTS or parts[0] == "ff":
        return None
    trace_id, span_id, flags = parts[1:_PARTS]
    if (
        len(trace_id) != _TRACE_ID_DIGITS
        or len(span_id) != _SPAN_ID_DIGITS
        or not _HEX.issuperset(trace_id + span_id + flags)
    ):
        return None
    context = TraceContext(
        int(trace_id, 16), int(span_id, 16), bool(int(flags or "0", 16) & _SAMPLED)
    )
    return context if context.trace_id and context.span_id else None


def is_sampled(traceparent: str | None) -> bool:
    """Tell whether a text asks for its trace to be recorded.

    Looks at the flags alone: it is asked for every record, and :func:`parse` is
    asked for the few that are sampled.
    """
    return traceparent is not None and traceparent.endswith(_SAMPLED_DIGITS)


def recorded(traceparent: str | None) -> str | None:
    """Return a text if its trace is recorded, else None: what is not is not worth keeping."""
    return traceparent if is_sampled(traceparent) else None


def new_child(traceparent: str) -> str:
    """Return the context of a new span below another one, as text."""
    return f"{traceparent[:_SPAN_AT]}{random.getrandbits(64) or 1:016x}{traceparent[_FLAGS_AT:]}"


def new_context(*, is_sampled: bool) -> TraceContext:
    """Return the root of a new trace."""
    # Not secrets: they only have to differ from other traces'.
    return TraceContext(random.getrandbits(128) or 1, random.getrandbits(64) or 1, is_sampled)


def new_root(*, is_sampled: bool) -> str:
    """Return the root of a new trace, as text."""
    return new_context(is_sampled=is_sampled).traceparent
