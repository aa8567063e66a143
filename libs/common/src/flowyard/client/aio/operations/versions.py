"""What can be done with versions.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import (
    DiffView,
    ExportView,
    InputsCheckView,
    PlanPreviewView,
    VersionSummaryView,
    VersionView,
)


class Versions(Group):
    """What can be done with versions."""

    async def check_inputs(
        self,
        project: str,
        template: str,
        number: int,
        *,
        inputs: Mapping[str, Json] | None = None,
        schemes: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
    ) -> InputsCheckView:
        """Check inputs before a start.

        Returns the form that an instance with these schemes and excluded nodes asks for, which of
        its inputs are not asked for with these values, and why the values do not fit, as a start
        would say. Stores nothing.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        number
            Number of the version.
        inputs
            As for a new instance; not all need be there.
        schemes
            Null takes the template's default ones.
        excluded
            Optional nodes to leave out besides.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `invalid_exclusion`: What is to be left out does not fit the template.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions/{segment(number)}/actions/check-inputs",
                body=given({"inputs": inputs, "schemes": schemes, "excluded": excluded}),
            ),
            InputsCheckView,
        )

    async def get(self, project: str, template: str, number: int) -> VersionView:
        """Show a version.

        Returns a version with its document, as written and in canonical form, and the compiled
        graph.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        number
            Number of the version.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions/{segment(number)}",
            ),
            VersionView,
        )

    async def get_diff(self, project: str, template: str, number: int, *, against: int) -> DiffView:
        """Compare two versions.

        Returns what has to be changed in the version `against` to get this one: nodes, edges,
        inputs, variables and outputs, field by field. Where nodes stand on the canvas is told apart
        from them, in `layout`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        number
            Number of the version.
        against
            Number of the version to compare with.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions/{segment(number)}/diff",
                query={"against": against},
            ),
            DiffView,
        )

    async def get_export(
        self,
        project: str,
        template: str,
        number: int,
        *,
        format: Literal["bk-sops-yaml"] | None = None,
    ) -> ExportView:
        """Export a version for bk-sops.

        Returns a version as YAML v1 of bk-sops, with a document for it and for each subflow of its
        project, and everything that the format cannot hold. What was imported comes back as it was
        but for what the import had to leave out.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        number
            Number of the version.
        format
            The only one so far.

        Raises
        ------
        InvalidError
            `export_too_large`: The flow runs too many others to be exported.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions/{segment(number)}/export",
                query={"format": format},
            ),
            ExportView,
        )

    def list(
        self, project: str, template: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[VersionSummaryView]:
        """List versions.

        Returns a template's versions, the newest first, page by page.

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
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions",
                query={"cursor": cursor, "limit": limit},
            ),
            VersionSummaryView,
        )

    async def preview(
        self,
        project: str,
        template: str,
        number: int,
        *,
        schemes: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
    ) -> PlanPreviewView:
        """Preview what is left of a version.

        Returns the graph that an instance with these schemes and excluded nodes would run: what is
        left out is joined, and gateways left without branches are gone. Stores nothing. Inputs that
        only left-out nodes use are not required in it.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        number
            Number of the version.
        schemes
            Execution schemes; null takes the template's default ones.
        excluded
            Optional nodes to leave out besides.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `invalid_exclusion`: What is to be left out does not fit the template.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/versions/{segment(number)}/actions/preview",
                body=given({"schemes": schemes, "excluded": excluded}),
            ),
            PlanPreviewView,
        )
