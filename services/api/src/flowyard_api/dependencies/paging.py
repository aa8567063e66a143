"""Pages of lists: a limit, and a cursor that means nothing to clients."""

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import orjson
from fastapi import Depends, Query

from flowyard_api.errors import ApiError
from flowyard_api.models.shapes import Page, View

DEFAULT_LIMIT = 50
"""Items on a page unless the client says otherwise; a screen or two."""

MAX_LIMIT = 200
"""Most items on a page."""

MAX_INTEGER, MAX_BIGINT = 2**31 - 1, 2**63 - 1
"""Largest numbers of Postgres' types: it refuses to compare a column with a larger one."""

ItemT = TypeVar("ItemT")
ViewT = TypeVar("ViewT", bound=View)


class InvalidCursorError(ApiError):
    """Raised for a cursor that no page gave."""

    code = "invalid_cursor"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is wanted."""

    cursor: str | None
    limit: int

    @property
    def read_limit(self) -> int:
        """How many items to read: one more than the page holds tells whether another follows."""
        return self.limit + 1

    def after_text(self) -> str | None:
        """Return the text that the page begins behind."""
        value = self._value()
        if value is not None and not isinstance(value, str):
            raise no_cursor()
        return value

    def after_number(self, largest: int = MAX_INTEGER) -> int | None:
        """Return the number that the page begins behind; none is larger than the given one."""
        value = self._value()
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > largest:
            raise no_cursor()
        return value

    def after_id(self) -> uuid.UUID | None:
        """Return the id that the page begins behind."""
        value = self.after_text()
        try:
            return None if value is None else uuid.UUID(value)
        except ValueError as error:
            raise no_cursor() from error

    def after_parts(self, count: int) -> list[str] | None:
        """Return the parts, joined by ``|``, of the text that the page begins behind.

        Only the first part may hold ``|`` itself.
        """
        text = self.after_text()
        parts = None if text is None else text.rsplit("|", count - 1)
        if parts is not None and len(parts) != count:
            raise no_cursor()
        return parts

    def page(
        self,
        items: Sequence[ItemT],
        view: Callable[[ItemT], ViewT],
        place: Callable[[ItemT], str | int | uuid.UUID],
    ) -> Page[ViewT]:
        """Return the page that these items make.

        Parameters
        ----------
        items
            At most :attr:`read_limit`.
        view
            How an item is shown.
        place
            What the next page begins behind, of the last item.
        """
        shown = items[: self.limit]
        has_more = len(items) > self.limit
        return Page[ViewT](
            items=[view(item) for item in shown],
            next_cursor=_encode(place(shown[-1])) if has_more else None,
        )

    def _value(self) -> str | int | None:
        if self.cursor is None:
            return None
        try:
            value = orjson.loads(base64.urlsafe_b64decode(self.cursor.encode()))
        except (binascii.Error, ValueError) as error:
            raise no_cursor() from error
        if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], (str, int)):
            raise no_cursor()
        return value[0]


FIRST_PAGE = Paging(cursor=None, limit=DEFAULT_LIMIT)
"""The first page, as long as one is that nobody has said more about."""


def _encode(place: str | int | uuid.UUID) -> str:
    # The driver's ids are of a class of their own, which the encoder does not know.
    known = place if isinstance(place, int) else str(place)
    return base64.urlsafe_b64encode(orjson.dumps([known])).decode()


def no_cursor() -> InvalidCursorError:
    """Return the error for a cursor that this list has never given."""
    return InvalidCursorError("Expected a cursor from an earlier page, but it is none")


async def _paging(
    cursor: Annotated[
        str | None,
        Query(
            max_length=1000,
            description="`next_cursor` of the page before; left out, the list begins.",
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LIMIT, description="Most items on the page.")
    ] = DEFAULT_LIMIT,
) -> Paging:
    return Paging(cursor=cursor, limit=limit)


CurrentPage = Annotated[Paging, Depends(_paging)]
"""Which page the request wants."""
