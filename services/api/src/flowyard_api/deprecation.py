"""Operations that will go: said in OpenAPI and in every answer, by one declaration at the route.

::

    @router.get(
        "/old",
        summary="...",
        **deprecated(since=date(2027, 1, 10), until=date(2027, 7, 10), see="/docs/api.md#old"),
    )

OpenAPI shows the operation as ``deprecated``, and each of its answers, errors included, carries
``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and a ``Link`` to what to do instead. The
policy, with the least time between the two dates, is in docs/api.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, Final, TypedDict

from starlette.types import Scope

LEAST_NOTICE: Final = timedelta(days=180)
"""Least time between the deprecation of an operation and its end.

Source: docs/api.md, half a year: who upgrades twice a year has met the headers once.
"""

_EXTENSION = "x-flowyard-deprecation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """When an operation was deprecated, when it ends at the earliest, and what to do instead."""

    since: date
    until: date
    see: str
    """Address of the page that tells what takes its place."""

    def headers(self) -> dict[str, str]:
        """Return what every answer of the operation carries."""
        sunset = format_datetime(_midnight(self.until), usegmt=True)
        return {
            # A date of structured fields (RFC 9651): seconds since the epoch behind an @.
            "Deprecation": f"@{int(_midnight(self.since).timestamp())}",
            "Sunset": sunset,
            "Link": f'<{self.see}>; rel="deprecation"; type="text/html"',
        }


class DeprecatedRoute(TypedDict):
    """Arguments of a route's declaration."""

    deprecated: bool
    openapi_extra: dict[str, Any]


def deprecated(
    *, since: date, until: date, see: str, extra: Mapping[str, Any] | None = None
) -> DeprecatedRoute:
    """Return what declares a route as deprecated, to be given to its decorator.

    Parameters
    ----------
    since
        From when on it is deprecated.
    until
        The day after its last one, at the earliest.
    see
        Address of the page that tells what takes its place.
    extra
        ``openapi_extra`` of the route, if it has one.

    Raises
    ------
    ValueError
        Raised if ``until`` is less than :data:`LEAST_NOTICE` after ``since``.
    """
    if until - since < LEAST_NOTICE:
        raise ValueError(
            f"Expected at least {LEAST_NOTICE.days} days of notice, but got {(until - since).days}"
        )
    told = {"since": since.isoformat(), "until": until.isoformat(), "see": see}
    return DeprecatedRoute(deprecated=True, openapi_extra={**(extra or {}), _EXTENSION: told})


def deprecation_of(described: Mapping[str, Any] | None) -> Deprecation | None:
    """Return how something described in OpenAPI is deprecated, or None where it is not."""
    told = (described or {}).get(_EXTENSION)
    if told is None:
        return None
    return Deprecation(
        since=date.fromisoformat(told["since"]),
        until=date.fromisoformat(told["until"]),
        see=told["see"],
    )


def deprecation_headers(scope: Scope) -> dict[str, str]:
    """Return what the answer to a request carries because its route is deprecated."""
    route = scope.get("route")
    if not getattr(route, "deprecated", False):
        return {}
    found = deprecation_of(getattr(route, "openapi_extra", None))
    return {} if found is None else found.headers()


def describe_deprecation(operation: dict[str, Any]) -> None:
    """Tell in OpenAPI of the headers of a deprecated operation, and of its last day."""
    found = deprecation_of(operation)
    if found is None:
        return
    described = {
        name: {
            "description": _MEANINGS[name],
            "required": True,
            "schema": {"type": "string"},
            "example": value,
        }
        for name, value in found.headers().items()
    }
    for answer in operation["responses"].values():
        answer["headers"] = {**answer.get("headers", {}), **described}
    operation["description"] += (
        f" **Deprecated** since {found.since}: it goes on {found.until} at the earliest."
        f" What takes its place: {found.see}."
    )


_MEANINGS = {
    "Deprecation": "Since when the operation is deprecated (RFC 9745).",
    "Sunset": "When it goes, at the earliest (RFC 8594).",
    "Link": "Where to read what takes its place.",
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
