"""What all models are made of."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidatorFunctionWrapHandler, WrapValidator

ItemT = TypeVar("ItemT", bound=BaseModel)

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""A JSON value as an argument: any mapping and any sequence will do."""


def _let_through(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    try:
        return check(value)
    except ValueError:
        if isinstance(value, str):
            return value
        raise


OPEN = WrapValidator(_let_through)
"""Lets a text through that is none of the constants: newer servers may know more of them."""


class Answer(BaseModel):
    """A part of an answer; fields that a newer server adds are passed over."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, protected_namespaces=()
    )


class Argument(BaseModel):
    """A part of what is given to the API; what it does not know is refused here already."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, protected_namespaces=()
    )


class Page(Answer, Generic[ItemT]):
    """Some rows of a list, and where it goes on."""

    items: list[ItemT]
    next_cursor: str | None = None
    """What to pass as ``cursor`` for the next page; None behind the last one."""
