"""What can be done with projects.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, given, segment
from flowyard.client.models import (
    ArchivedInstanceView,
    ArchiveView,
    CategoriesView,
    ComponentsView,
    LastRunsView,
    ProjectView,
    RetentionView,
    SecretView,
    WaitingCountView,
)


class ProjectsParts(Group):
    """What can be done with projects."""

    async def create(
        self, *, name: str, title: str | None = None, idempotency_key: str | None = None
    ) -> ProjectView:
        """Create a project.

        A project holds templates, instances and secrets. Its name is in addresses and never
        changes.

        Parameters
        ----------
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `conflict`: It exists already.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                "/api/v1/projects",
                body={"name": name, **given({"title": title})},
                key=idempotency_key,
                is_keyed=True,
            ),
            ProjectView,
        )

    async def delete_retention(
        self, project: str, *, idempotency_key: str | None = None
    ) -> RetentionView:
        """Take a project's own rule away.

        The cluster's counts again. Answers with what holds now.

        Parameters
        ----------
        project
            Name of the project, or its id.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return await self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/retention",
                key=idempotency_key,
                is_keyed=True,
            ),
            RetentionView,
        )

    async def get(self, project: str) -> ProjectView:
        """Show a project.

        Takes the project's name or its id.

        Parameters
        ----------
        project
            Name of the project, or its id.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}"), ProjectView
        )

    async def get_categories(self, project: str) -> CategoriesView:
        """List categories.

        Returns the categories that a project offers, in their order and with the number of its
        templates in each, and then those that only templates name.

        Parameters
        ----------
        project
            Name of the project, or its id.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/categories"), CategoriesView
        )

    async def get_component_table(self, project: str) -> ComponentsView:
        """Show a project's table of components.

        Returns which plugins take the place of components of bk-sops in imports into this project.
        Its rules stand before those that come with Flowyard.

        Parameters
        ----------
        project
            Name of the project, or its id.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/component-table"), ComponentsView
        )

    async def get_last_runs(
        self, project: str, *, template_id: Sequence[UUID | str], each: int | None = None
    ) -> LastRunsView:
        """List the last runs of templates.

        Returns the last instances of each template that is named, in this project, the newest
        first. For lists of templates: one request for a whole page of them.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template_id
            May be repeated.
        each
            Most runs of each.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/last-runs",
                query={"template_id": template_id, "each": each},
            ),
            LastRunsView,
        )

    async def get_retention(self, project: str) -> RetentionView:
        """Show what becomes of ended instances.

        Returns the project's rule, or the cluster's where it has none, and how much it applies to
        right now: what would be moved out next. Nothing ever happens to instances that have not
        ended (`failed` is not an end: cancel what nobody will repair), that are held, or that have
        started others that have not ended.

        Parameters
        ----------
        project
            Name of the project, or its id.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/retention"), RetentionView
        )

    async def get_waiting_count(
        self, project: str, *, mine: bool | None = None
    ) -> WaitingCountView:
        """Count what waits for a person.

        Returns how many approvals and how many failures the list has, each counted up to a bound.

        Parameters
        ----------
        project
            Name of the project, or its id.
        mine
            As in the list.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/waiting/count", query={"mine": mine}),
            WaitingCountView,
        )

    def list(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[ProjectView]:
        """List projects.

        Returns all projects by name, page by page.

        Parameters
        ----------
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
            Call("GET", "/api/v1/projects", query={"cursor": cursor, "limit": limit}),
            ProjectView,
        )

    def list_archived_instances(
        self,
        project: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        status: Sequence[Literal["succeeded", "cancelled"]] | None = None,
        template: str | None = None,
        text: str | None = None,
        actor: str | None = None,
        ended_after: datetime | None = None,
        ended_before: datetime | None = None,
    ) -> AsyncPages[ArchivedInstanceView]:
        """List archived instances.

        Returns a project's instances that were moved to an archive, the newest first, page by page.
        `GET /instances/{instance_id}` shows one as if it were still here.

        Parameters
        ----------
        project
            Name of the project, or its id.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.
        status
            Any of these.
        template
            Key or id of their template.
        text
            Contained in the name, in any case of letters.
        actor
            Who created them.
        ended_after
            Keeps those that ended later.
        ended_before
            Keeps those that ended earlier.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return AsyncPages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/archived-instances",
                query={
                    "cursor": cursor,
                    "limit": limit,
                    "status": status,
                    "template": template,
                    "text": text,
                    "actor": actor,
                    "ended_after": ended_after,
                    "ended_before": ended_before,
                },
            ),
            ArchivedInstanceView,
        )

    def list_archives(
        self, project: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[ArchiveView]:
        """List a project's archives.

        Returns the files that ended instances were moved to, the newest first, page by page.
        `flowyard archive show FILE` reads one anywhere.

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
                f"/api/v1/projects/{segment(project)}/archives",
                query={"cursor": cursor, "limit": limit},
            ),
            ArchiveView,
        )

    def list_secrets(
        self, project: str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[SecretView]:
        """List the names of secrets.

        Values are never shown: only the plugin gateway opens them. They are set by `flowyard secret
        set`.

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
                f"/api/v1/projects/{segment(project)}/secrets",
                query={"cursor": cursor, "limit": limit},
            ),
            SecretView,
        )
