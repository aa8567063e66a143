# Made by `make client` from aio/pages.py: change that instead.
"""Lists, page by page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from flowyard.client.answers import page_of
from flowyard.client.call import Call
from flowyard.client.model import Page
from flowyard.client.sync.connection import Connection

ItemT = TypeVar("ItemT", bound=BaseModel)


class Pages(Generic[ItemT]):
    """The rows of a list: iterating over it reads one page after the other, as far as needed.

    Each iteration begins anew. ``limit`` of the operation is how many rows a page has,
    not how many there are.

    Parameters
    ----------
    connection, call
        What to read.
    kind
        What a row is.
    """

    def __init__(self, connection: Connection, call: Call, kind: type[ItemT]) -> None:
        self._connection = connection
        self._call = call
        self._page: type[Page[ItemT]] = page_of(kind)

    def __iter__(self) -> Iterator[ItemT]:
        """Yield all rows."""
        for page in self.pages():
            for item in page.items:
                yield item

    def pages(self) -> Iterator[Page[ItemT]]:
        """Yield all pages."""
        call = self._call
        while True:
            page = self._connection.fetch(call, self._page)
            yield page
            if page.next_cursor is None:
                return
            call = replace(call, query={**call.query, "cursor": page.next_cursor})

    def page(self) -> Page[ItemT]:
        """Return the first page."""
        return self._connection.fetch(self._call, self._page)

    def all(self) -> list[ItemT]:
        """Return all rows at once."""
        return [item for item in self]
