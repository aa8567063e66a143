"""The traces of new instances: within their caller's, or each its own."""

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.requests import Request

from flowyard.telemetry.propagation import is_sampled, recorded
from flowyard.telemetry.spans import Span
from flowyard.telemetry.tracing import Tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose request it is, as far as traces go."""

    traceparent: str
    """Of the request's span."""
    is_traced: bool
    """Whether it came with a trace, which then decides for all that it brings about."""


def caller_of(request: Request) -> Caller:
    """Return whose request it is."""
    return Caller(
        traceparent=request.scope["flowyard.traceparent"],
        is_traced=request.scope["flowyard.is_traced"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrace:
    """What the trace of a new instance is to be like.

    Attributes
    ----------
    is_alone
        Whether the instance is the only one of its request: it goes on with the
        request's trace then, and else begins one that is linked to it.
    is_recorded
        What was asked for; None leaves it to the caller, or to chance.
    links
        What it goes back to beside the request, as ``traceparent``.
    """

    is_alone: bool = True
    is_recorded: bool | None = None
    links: tuple[str, ...] = ()


def start_span(
    tracing: Tracing,
    caller: Caller,
    wanted: NewTrace,
    *,
    instance_id: uuid.UUID,
    project: str,
    template: str,
    version: int,
) -> AbstractContextManager[Span]:
    """Return the block in which an instance is created."""
    links = [*wanted.links]
    decided = wanted.is_recorded
    if not wanted.is_alone:
        links.append(caller.traceparent)
        if decided is None and caller.is_traced:
            decided = is_sampled(caller.traceparent)
    return tracing.span(
        "instance.start",
        traceparent=caller.traceparent if wanted.is_alone else None,
        is_sampled=decided,
        attributes={
            "flowyard.project": project,
            "flowyard.template": template,
            "flowyard.version": version,
            "flowyard.instance": str(instance_id),
        },
        links=[one for one in links if recorded(one) is not None],
    )
