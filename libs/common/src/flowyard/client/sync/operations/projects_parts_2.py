"""What can be done with projects.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal
from uuid import UUID

from flowyard.client.call import Call, segment
from flowyard.client.events import ServerEvent
from flowyard.client.model import Json
from flowyard.client.models import (
    CategoriesView,
    ComponentsView,
    RetentionView,
    WaitingView,
    WaitKind,
    WaitOrder,
    WebhookChangeView,
)
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class ProjectsParts2(Group):
    """What can be done with projects."""

    def list_waiting(
        self,
        project: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        kind: WaitKind | None = None,
        mine: bool | None = None,
        sort: WaitOrder | None = None,
    ) -> Pages[WaitingView]:
        """List what waits for a person.

        Returns the approvals that are asked for and the nodes that have failed in instances which
        have not ended, and instances that failed as a whole, page by page: what waits longest
        first. Each tells what is asked or what failed, and the operations that it allows. Failed
        items of a map are not listed by themselves: the map is, once it has failed.

        Parameters
        ----------
        project
            Name of the project, or its id.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.
        kind
            `approval`: a yes or no is asked for; `failure`: something has failed.
        mine
            True keeps approvals that name you or nobody, and failures of instances that you have
            started.
        sort
            `since`: what waits longest first; `-since`: the newest.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/waiting",
                query={"cursor": cursor, "limit": limit, "kind": kind, "mine": mine, "sort": sort},
            ),
            WaitingView,
        )

    def list_webhook_changes(
        self,
        project: str,
        *,
        webhook_id: UUID | str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[WebhookChangeView]:
        """List what was done to webhooks.

        Returns who has done what to a project's webhooks, the latest first, page by page; also of
        webhooks that are deleted, and what Flowyard has disabled by itself.

        Parameters
        ----------
        project
            Name of the project, or its id.
        webhook_id
            Only what was done to this one.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/webhook-changes",
                query={"webhook_id": webhook_id, "cursor": cursor, "limit": limit},
            ),
            WebhookChangeView,
        )

    def put_categories(
        self, project: str, *, names: Sequence[str], idempotency_key: str | None = None
    ) -> CategoriesView:
        """Set the categories.

        Replaces the list of categories that a project offers. Templates keep theirs, in the list or
        not.

        Parameters
        ----------
        project
            Name of the project, or its id.
        names
            An empty list brings the default ones back.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/categories",
                body={"names": names},
                key=idempotency_key,
                is_keyed=True,
            ),
            CategoriesView,
        )

    def put_component_table(
        self, project: str, *, rules: Mapping[str, Json], idempotency_key: str | None = None
    ) -> ComponentsView:
        """Write a project's table of components.

        Replaces the whole table. Templates that were imported before stay as they are.

        Parameters
        ----------
        project
            Name of the project, or its id.
        rules
            What becomes of components, by code, or by code and version as in
            `job_fast_execute_script@v1.0`.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/component-table",
                body={"rules": rules},
                key=idempotency_key,
                is_keyed=True,
            ),
            ComponentsView,
        )

    def put_retention(
        self,
        project: str,
        *,
        mode: Literal["keep", "archive", "delete"],
        after_seconds: int,
        idempotency_key: str | None = None,
    ) -> RetentionView:
        """Say what becomes of ended instances.

        Writes the project's own rule in place of the cluster's. With `delete`, nothing is left of
        what ended that long ago, and no backup of the archive brings it back. 409 for `archive`
        where the cluster has no place for archives.

        Parameters
        ----------
        project
            Name of the project, or its id.
        mode
            `keep`: they stay. `archive`: they are moved out of the database, and can be read,
            cloned and run again from there. `delete`: nothing is left of them.
        after_seconds
            How long after their end.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `no_archive_place`: There is no place for archives.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/retention",
                body={"mode": mode, "after_seconds": after_seconds},
                key=idempotency_key,
                is_keyed=True,
            ),
            RetentionView,
        )

    def stream_events(self, project: str) -> AbstractContextManager[Iterator[ServerEvent]]:
        """Follow a project's instances and drafts.

        A stream of server-sent events for whoever shows a list, or edits a template. Each `changed`
        names the instances that have changed or are new, at most twice a second; where `complete`
        is false, others may have changed too: read the list again. In the same way, `drafts` names
        the templates whose drafts have changed, shared or personal, or that somebody has begun to
        edit. It has no beginning and no end: read the list once it is open, and whenever it is
        opened again. A comment every 15 s keeps the connection awake.

        Parameters
        ----------
        project
            Name of the project, or its id.

        Raises
        ------
        TooManyRequestsError
            `too_many_streams`: Too many live views.
        """
        return self._connection.stream(Call("GET", f"/api/v1/projects/{segment(project)}/events"))
