"""Reads answers: models out of what was wanted, errors out of what was refused."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

import httpx
import orjson
from pydantic import BaseModel, ValidationError

from flowyard.client.errors import (
    Fault,
    Problem,
    ProblemError,
    UnexpectedAnswerError,
    problem_error,
)
from flowyard.client.model import Page
from flowyard.client.retrying import retry_after
from flowyard.clock import SystemClock

AnswerT = TypeVar("AnswerT", bound=BaseModel)
ItemT = TypeVar("ItemT", bound=BaseModel)

_KNOWN = frozenset({"type", "title", "status", "detail", "code", "instance", "errors"})
_LONGEST_EXCERPT = 200


def page_of(kind: type[ItemT]) -> type[Page[ItemT]]:
    """Return the model of a page of these."""
    return Page[kind]  # type: ignore[valid-type]


def answer_of(response: httpx.Response, kind: type[AnswerT]) -> AnswerT:
    """Return what a successful response says.

    Raises
    ------
    UnexpectedAnswerError
        Raised if it does not say that.
    """
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as error:
        start = response.text[:_LONGEST_EXCERPT]
        raise UnexpectedAnswerError(
            f"Expected {kind.__name__} from {response.request.url}, but got"
            f" {response.status_code} {start!r}: {error}"
        ) from error


def refusal_of(response: httpx.Response) -> ProblemError:
    """Return the error of a response that has been read."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        body = None
    said = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    status = response.status_code
    title = str(said.get("title") or response.reason_phrase or f"HTTP {status}")
    return problem_error(
        Problem(
            status=status,
            code=str(said.get("code") or f"http_{status}"),
            title=title,
            detail=str(said.get("detail") or title),
            request_id=said.get("instance") or response.headers.get("X-Request-ID"),
            faults=tuple(_faults(said.get("errors"))),
            facts={name: value for name, value in said.items() if name not in _KNOWN},
            retry_after=retry_after(response, SystemClock().now()),
        )
    )


def _faults(said: Any) -> Iterator[Fault]:
    """Yield what is told of places; whatever is on the way may answer anything."""
    for one in said if hasattr(said, "__iter__") else ():
        if isinstance(one, dict):
            told = cast("dict[str, Any]", one)
            yield Fault(
                loc=tuple(told.get("loc") or ()),
                msg=str(told.get("msg", "")),
                type=str(told.get("type", "")),
                node_id=told.get("node_id"),
                line=told.get("line"),
                column=told.get("column"),
            )
