"""What can be done with templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import DraftView, FavouriteView, TemplateView, UseView, VisibilityView
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class TemplatesParts2(Group):
    """What can be done with templates."""

    def list_uses(
        self,
        project: str,
        template: str,
        *,
        version: int | None = None,
        query_project: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[UseView]:
        """List the uses of a template.

        Returns the nodes that run the template as a subflow, in all projects: of drafts, of latest
        versions, and of older versions that open instances still run; with what they are pinned to,
        page by page.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        version
            Only uses that are pinned to this version.
        query_project
            Only templates of this project.
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
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/uses",
                query={
                    "version": version,
                    "project": query_project,
                    "cursor": cursor,
                    "limit": limit,
                },
            ),
            UseView,
        )

    def put_draft(
        self,
        project: str,
        template: str,
        document: str | Mapping[str, Json],
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> DraftView:
        """Write the draft.

        Replaces the draft by any text, sound or not: the answer lists what is wrong with it.
        `If-Match` carries the ETag that was read before, or `*` to replace whatever is there, so
        that nobody overwrites what another has written meanwhile. A 412 tells in `changes` who has
        written since, the latest first; the texts are under `draft/revisions`.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        if_match
            ETag of the draft that is replaced.
        document
            Its text, as YAML or JSON, or what that says.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read; `unsupported_media_type`: The body's media
            type is not understood.
        ConflictError
            `template_deleted`: The template is deleted.
        PreconditionError
            `precondition_failed`: It has changed meanwhile; `precondition_required`: If-Match is
            required.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/draft",
                headers={"if-match": if_match},
                document=document,
                key=idempotency_key,
                is_keyed=True,
            ),
            DraftView,
        )

    def put_favourite(
        self, project: str, template: str, *, idempotency_key: str | None = None
    ) -> FavouriteView:
        """Make a template a favourite.

        Marks a template as yours to have at hand, also one of another project that is visible in
        this one (by its id); nobody else sees that.

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
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/favourite",
                key=idempotency_key,
                is_keyed=True,
            ),
            FavouriteView,
        )

    def put_visibility(
        self,
        project: str,
        template: str,
        *,
        all: bool | None = None,
        projects: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> VisibilityView:
        """Choose who sees a template.

        Replaces the projects that may list, start and use the template as a subflow, as
        `project/key`; instances belong to the project that starts them. Where it is withdrawn, what
        is published and pinned goes on; new starts and publications are refused.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        all
            Every project, also later ones.
        projects
            Names.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `template_deleted`: The template is deleted.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/visibility",
                body=given({"all": all, "projects": projects}),
                key=idempotency_key,
                is_keyed=True,
            ),
            VisibilityView,
        )

    def update(
        self,
        project: str,
        template: str,
        *,
        title: str | None = None,
        description: str | None = None,
        category: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> TemplateView:
        """Edit what is said about a template.

        Changes title, description, category and labels; what is left out stays. The document is not
        touched: the next publication takes title and description from it.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        title
            Until the next publication, which takes title and description from its document.
        category
            One of the project's categories, or any other.
        labels
            Takes the place of all labels.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `template_deleted`: The template is deleted.
        """
        return self._connection.fetch(
            Call(
                "PATCH",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}",
                body=given(
                    {
                        "title": title,
                        "description": description,
                        "category": category,
                        "labels": labels,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TemplateView,
        )
