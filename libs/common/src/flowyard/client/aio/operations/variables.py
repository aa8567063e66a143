"""What can be done with variables.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import VariableView


class Variables(Group):
    """What can be done with variables."""

    async def delete(
        self, project: str, name: str, *, idempotency_key: str | None = None
    ) -> VariableView:
        """Delete a project's variable.

        Takes the variable away, and answers with what it was. Instances that exist keep what they
        have; in new ones an expression that uses it fails at its node.

        Parameters
        ----------
        project
            Name of the project, or its id.
        name
            Letters, digits and `_`.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return await self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/variables/{segment(name)}",
                key=idempotency_key,
                is_keyed=True,
            ),
            VariableView,
        )

    def list(
        self, project: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[VariableView]:
        """List a project's variables.

        Returns the variables by name, page by page. Every template of the project reads them as
        `${project.<name>}`; an instance has them as they were when it was created.

        Parameters
        ----------
        project
            Name of the project, or its id.
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
                f"/api/v1/projects/{segment(project)}/variables",
                query={"cursor": cursor, "limit": limit},
            ),
            VariableView,
        )

    async def put(
        self,
        project: str,
        name: str,
        *,
        value: Json,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> VariableView:
        """Write a project's variable.

        Makes the variable, or replaces it. Instances that exist keep what they have. All variables
        of a project take 64 KiB at most.

        Parameters
        ----------
        project
            Name of the project, or its id.
        name
            Letters, digits and `_`.
        value
            Any JSON, seen as it is by every template of the project. Secrets do not belong here:
            they are set by `flowyard secret set`.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `too_many_variables`: The project's variables take too much room.
        """
        return await self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/variables/{segment(name)}",
                body={"value": value, **given({"description": description})},
                key=idempotency_key,
                is_keyed=True,
            ),
            VariableView,
        )
