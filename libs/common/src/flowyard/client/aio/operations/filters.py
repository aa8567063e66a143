"""What can be done with filters.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping
from typing import Literal

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import FilterView


class Filters(Group):
    """What can be done with filters."""

    async def delete(
        self,
        project: str,
        resource: Literal["instances", "templates"],
        name: str,
        *,
        shared: bool | None = None,
        idempotency_key: str | None = None,
    ) -> FilterView:
        """Delete a saved filter.

        Deletes a named query, yours or the project's, and returns what it was.

        Parameters
        ----------
        project
            Name of the project, or its id.
        resource
            Which list the filter is of.
        name
            Name of the filter.
        shared
            True for the project's own, which all see; else yours, which you see.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return await self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/filters/{segment(resource)}/{segment(name)}",
                query={"shared": shared},
                key=idempotency_key,
                is_keyed=True,
            ),
            FilterView,
        )

    async def get(
        self, project: str, resource: Literal["instances", "templates"], name: str
    ) -> FilterView:
        """Show a saved filter.

        Returns what the list takes for `filter=name`: your own filter of that name, or else the
        project's.

        Parameters
        ----------
        project
            Name of the project, or its id.
        resource
            Which list the filter is of.
        name
            Name of the filter.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/filters/{segment(resource)}/{segment(name)}",
            ),
            FilterView,
        )

    def list(
        self,
        project: str,
        resource: Literal["instances", "templates"],
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AsyncPages[FilterView]:
        """List saved filters.

        Returns the filters of a list that the project shares and those of your own, by name, page
        by page.

        Parameters
        ----------
        project
            Name of the project, or its id.
        resource
            Which list the filter is of.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return AsyncPages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/filters/{segment(resource)}",
                query={"cursor": cursor, "limit": limit},
            ),
            FilterView,
        )

    async def put(
        self,
        project: str,
        resource: Literal["instances", "templates"],
        name: str,
        *,
        parameters: Mapping[str, Json],
        shared: bool | None = None,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> FilterView:
        """Save a filter.

        Creates a named query of a list, or replaces it. Its parameters are checked as the list
        checks them; `?filter=name` applies them there.

        Parameters
        ----------
        project
            Name of the project, or its id.
        resource
            Which list the filter is of.
        name
            Name of the filter.
        shared
            True for the project's own, which all see; else yours, which you see.
        parameters
            As the list takes them in its address; what may be repeated is a list here.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/filters/{segment(resource)}/{segment(name)}",
                query={"shared": shared},
                body={"parameters": parameters, **given({"description": description})},
                key=idempotency_key,
                is_keyed=True,
            ),
            FilterView,
        )
