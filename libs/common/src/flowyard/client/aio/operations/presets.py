"""What can be done with presets.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import PresetView


class Presets(Group):
    """What can be done with presets."""

    async def delete(
        self, project: str, template: str, name: str, *, idempotency_key: str | None = None
    ) -> PresetView:
        """Delete a preset.

        Deletes a named set of input values, and returns what it was. Instances that were started
        with it keep their inputs.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        name
            Name of the preset.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return await self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/presets/{segment(name)}",
                key=idempotency_key,
                is_keyed=True,
            ),
            PresetView,
        )

    async def get(self, project: str, template: str, name: str) -> PresetView:
        """Show a preset.

        Returns one named set of input values. Sealed values are shown masked.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        name
            Name of the preset.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/presets/{segment(name)}",
            ),
            PresetView,
        )

    def list(
        self, project: str, template: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[PresetView]:
        """List presets.

        Returns a template's named sets of input values by name, page by page; by its id also those
        of a template of another project that is visible in this one.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
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
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/presets",
                query={"cursor": cursor, "limit": limit},
            ),
            PresetView,
        )

    async def put(
        self,
        project: str,
        template: str,
        name: str,
        *,
        inputs: Mapping[str, Json],
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> PresetView:
        """Write a preset.

        Creates a named set of input values, or replaces it. An instance is started with it by
        `preset`, and `inputs` given beside it go before its values. Values are checked against the
        version that is started, when it is started. Passwords may only be named secrets.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        name
            Name of the preset.
        inputs
            Values by name. Not all need be there; they are checked when they are used.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `template_deleted`: The template is deleted.
        InvalidError
            `invalid_inputs`: The inputs do not fit the template.
        """
        return await self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/presets/{segment(name)}",
                body={"inputs": inputs, **given({"description": description})},
                key=idempotency_key,
                is_keyed=True,
            ),
            PresetView,
        )
