"""Lists, page by page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from flowyard.client.aio.connection import AsyncConnection
from flowyard.client.answers import page_of
from flowyard.client.call import Call
from flowyard.client.model import Page

ItemT = TypeVar("ItemT", bound=BaseModel)


class AsyncPages(Generic[ItemT]):
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

    def __init__(self, connection: AsyncConnection, call: Call, kind: type[ItemT]) -> None:
        self._connection = connection
        self._call = call
        self._page: type[Page[ItemT]] = page_of(kind)

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        """Yield all rows."""
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[ItemT]]:
        """Yield all pages."""
        call = self._call
        while True:
            page = await self._connection.fetch(call, self._page)
            yield page
            if page.next_cursor is None:
                return
            call = replace(call, query={**call.query, "cursor": page.next_cursor})

    async def page(self) -> Page[ItemT]:
        """Return the first page."""
        return await self._connection.fetch(self._call, self._page)

    async def all(self) -> list[ItemT]:
        """Return all rows at once."""
        return [item async for item in self]
