"""What can be done with draft revisions.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, segment
from flowyard.client.models import DraftRevisionTextView, DraftRevisionView


class DraftRevisions(Group):
    """What can be done with draft revisions."""

    async def get(self, project: str, template: str, revision: int) -> DraftRevisionTextView:
        """Show what the draft has been.

        Returns one state of the shared draft with its text: what a personal draft was made from, or
        what somebody has replaced.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        revision
            Revision of the shared draft.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/draft/revisions/{segment(revision)}",
            ),
            DraftRevisionTextView,
        )

    def list(
        self, project: str, template: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[DraftRevisionView]:
        """List what the draft has been.

        Returns the latest 50 states of the shared draft, and older ones that somebody's draft was
        made from, the latest first, page by page.

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
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/draft/revisions",
                query={"cursor": cursor, "limit": limit},
            ),
            DraftRevisionView,
        )
