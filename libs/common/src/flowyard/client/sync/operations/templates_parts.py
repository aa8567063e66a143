"""What can be done with templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Sequence

from flowyard.client.call import Call, given, segment
from flowyard.client.models import (
    DraftView,
    FavouriteView,
    OutdatedListView,
    TemplateChangeView,
    TemplateOrder,
    TemplateScope,
    TemplateView,
    VisibilityView,
)
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class TemplatesParts(Group):
    """What can be done with templates."""

    def create(
        self,
        project: str,
        *,
        key: str | None = None,
        title: str | None = None,
        description: str | None = None,
        source: str | None = None,
        idempotency_key: str | None = None,
    ) -> TemplateView:
        """Create a template.

        With a document, key and title are read from it and it becomes the draft; without one the
        template is empty. To create and publish in one request, use `apply`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        key
            Required without a document.
        source
            The document, YAML or JSON; becomes the draft.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `conflict`: It exists already.
        InvalidError
            `invalid_document`: The document is not valid; `key_mismatch`: The document belongs to
            another template.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates",
                body=given(
                    {"key": key, "title": title, "description": description, "source": source}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TemplateView,
        )

    def delete(
        self, project: str, template: str, *, idempotency_key: str | None = None
    ) -> TemplateView:
        """Delete a template.

        Takes a template off the lists: nothing can be started, written or published of it. Versions
        and instances stay readable, its key stays taken, and `restore` brings it back. 409 while it
        has open instances, or while drafts, latest versions or open instances of others use it:
        `used_by` names the first of them.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        ConflictError
            `template_deleted`: The template is deleted; `template_in_use`: The template is in use.
        """
        return self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}",
                key=idempotency_key,
                is_keyed=True,
            ),
            TemplateView,
        )

    def delete_favourite(
        self, project: str, template: str, *, idempotency_key: str | None = None
    ) -> FavouriteView:
        """Make a template no favourite.

        Takes your mark off a template; it does not matter whether there was one.

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
        return self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/favourite",
                key=idempotency_key,
                is_keyed=True,
            ),
            FavouriteView,
        )

    def get(self, project: str, template: str) -> TemplateView:
        """Show a template.

        Takes the template's key or its id. By id, a template of another project that is visible in
        this one is shown too.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/templates/{segment(template)}"),
            TemplateView,
        )

    def get_draft(self, project: str, template: str) -> DraftView:
        """Show the draft.

        Returns what is written and not published yet, with everything that keeps it from being
        published, and its ETag for the next write.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/draft"),
            DraftView,
        )

    def get_outdated(self, project: str, template: str) -> OutdatedListView:
        """List outdated subflows.

        Returns the subflows of the template's latest version that are pinned to an older version of
        their template than the latest one. `actions/update-subflows` brings all of them up to date.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        """
        return self._connection.fetch(
            Call(
                "GET", f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/outdated"
            ),
            OutdatedListView,
        )

    def get_visibility(self, project: str, template: str) -> VisibilityView:
        """Show who sees a template.

        Returns which other projects may list, start and use the template, and what they call it.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        """
        return self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/visibility",
            ),
            VisibilityView,
        )

    def list(
        self,
        project: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        label: Sequence[str] | None = None,
        text: str | None = None,
        filter: str | None = None,
        scope: TemplateScope | None = None,
        category: str | None = None,
        favourite: bool | None = None,
        deleted: bool | None = None,
        sort: TemplateOrder | None = None,
    ) -> Pages[TemplateView]:
        """List templates.

        Returns a project's templates, and with `scope` those of other projects that are visible in
        it, page by page. All that is given has to hold; `filter` names a saved filter to begin
        with.

        Parameters
        ----------
        project
            Name of the project, or its id.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.
        label
            `name:value`; may be repeated, then all have to be there.
        text
            Contained in key or title, in any case of letters.
        filter
            Name of a saved filter, your own or else the project's. What is given beside it takes
            the place of the filter's own parameter.
        scope
            `own`: the project's own; `common`: those of other projects that are visible in it;
            `all`: both.
        category
            Keeps those of this category.
        favourite
            True keeps your favourites.
        deleted
            True lists deleted ones, and only these.
        sort
            A minus turns the order round.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates",
                query={
                    "cursor": cursor,
                    "limit": limit,
                    "label": label,
                    "text": text,
                    "filter": filter,
                    "scope": scope,
                    "category": category,
                    "favourite": favourite,
                    "deleted": deleted,
                    "sort": sort,
                },
            ),
            TemplateView,
        )

    def list_changes(
        self, project: str, template: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Pages[TemplateChangeView]:
        """List what was changed about a template.

        Returns who has changed category, labels, visibility and the like, or has deleted or
        restored it, the latest first, page by page. Publications are in the list of versions.

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
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/changes",
                query={"cursor": cursor, "limit": limit},
            ),
            TemplateChangeView,
        )
