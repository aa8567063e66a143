"""What can be done with drafts.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import EditorsView, PersonalDraftView


class Drafts(Group):
    """What can be done with drafts."""

    async def delete_mine(
        self,
        project: str,
        template: str,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> PersonalDraftView:
        """Discard your draft.

        Takes your draft away, and returns what it was: after it has been shared, or because the
        shared one is to be gone on with.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        if_match
            ETag of the draft as it was seen, or `*` for whatever there is.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        PreconditionError
            `precondition_failed`: It has changed meanwhile; `precondition_required`: If-Match is
            required.
        """
        return await self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts/mine",
                headers={"if-match": if_match},
                key=idempotency_key,
                is_keyed=True,
            ),
            PersonalDraftView,
        )

    async def get(self, project: str, template: str, user: str) -> PersonalDraftView:
        """Show somebody's draft.

        Returns what somebody has written of a template and not shared yet.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        user
            As the list of drafts names them.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts/{segment(user)}",
            ),
            PersonalDraftView,
        )

    async def get_mine(self, project: str, template: str) -> PersonalDraftView:
        """Show your draft.

        Returns what you have written and not shared yet, and its ETag for the next write.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts/mine",
            ),
            PersonalDraftView,
        )

    async def list(
        self, project: str, template: str, *, cursor: str | None = None, limit: int | None = None
    ) -> EditorsView:
        """List who edits a template.

        Returns by name, page by page, everybody who has a draft of their own or was seen within the
        last 60 s, and the state of the shared draft. `drafts` of the project's events tells when it
        has changed.

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
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts",
                query={"cursor": cursor, "limit": limit},
            ),
            EditorsView,
        )

    async def put_mine(
        self,
        project: str,
        template: str,
        *,
        base_revision: int,
        if_match: str | None = None,
        if_none_match: str | None = None,
        source: str | None = None,
        document: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> PersonalDraftView:
        """Write your draft.

        Keeps what you have written, sound or not, for you; others see it when they look for it.
        `If-Match` carries the ETag that was read before, `If-None-Match: *` says that there is none
        yet, so that of two pages of yours none overwrites what the other has written. It is shared
        by `PUT .../draft`, with the revision that it was made from as `If-Match`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        if_match
            ETag of the draft as it was seen, or `*` for whatever there is.
        if_none_match
            `*` writes a first draft and no other.
        source
            The text as it was typed, sound or not. Left out, it is the document as YAML.
        document
            What is on the canvas, beside a text that cannot be read at the moment; any object,
            which is kept as it is.
        base_revision
            Revision of the shared draft that it was made from; 0 where there was none.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        PreconditionError
            `precondition_failed`: It has changed meanwhile; `precondition_required`: If-Match is
            required.
        """
        return await self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts/mine",
                headers={"if-match": if_match, "if-none-match": if_none_match},
                body={
                    "base_revision": base_revision,
                    **given({"source": source, "document": document}),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            PersonalDraftView,
        )

    async def put_mine_presence(
        self, project: str, template: str, *, idempotency_key: str | None = None
    ) -> EditorsView:
        """Say that you are editing.

        Lets others see that you have the template before you, for 60 s from now; a write of your
        draft does so, too. Answers with who edits it.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return await self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/drafts/mine/presence",
                key=idempotency_key,
                is_keyed=True,
            ),
            EditorsView,
        )
