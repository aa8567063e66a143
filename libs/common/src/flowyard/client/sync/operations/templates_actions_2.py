"""What can be done with templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import TriedView, UpdatedListView, UpdatedView, ValidationView
from flowyard.client.sync.group import Group


class TemplatesActions2(Group):
    """What can be done with templates."""

    def test_node(
        self,
        project: str,
        template: str,
        *,
        node_id: str,
        version: int | None = None,
        source: str | None = None,
        inputs: Mapping[str, Json] | None = None,
        variables: Mapping[str, Json] | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> TriedView:
        """Run one node alone.

        Starts an instance of nothing but one activity, subflow or map of the draft, of a version,
        or of `source`, and runs it for real, with all its effects. Its inputs are those that are
        given, or are rendered from the variables that are. Nothing is published.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        version
            A published version; null takes the draft.
        source
            The text of a document to take instead of the draft: what is not shared yet.
        inputs
            Taken as they are instead of rendering the node's own; not for maps.
        variables
            Values of the template's variables, for rendering the node's own inputs.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `no_draft`: There is nothing to publish; `template_deleted`: The template is deleted.
        InvalidError
            `invalid_document`: The document is not valid; `invalid_inputs`: The inputs do not fit
            the template; `invalid_node_test`: The node cannot be run alone; `unknown_template`: A
            template is unknown or not published.
        TooManyRequestsError
            `overloaded`: Too much waits already.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/test-node",
                body={
                    "node_id": node_id,
                    **given(
                        {
                            "version": version,
                            "source": source,
                            "inputs": inputs,
                            "variables": variables,
                            "name": name,
                        }
                    ),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            TriedView,
        )

    def update_subflows(
        self,
        project: str,
        template: str,
        *,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> UpdatedView:
        """Bring a template's subflows up to date.

        Pins every outdated subflow of the template's latest version to the latest version of its
        template, and publishes that; the draft is changed in the same places. Nothing is changed
        when nothing is outdated, or when the publication is refused.

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
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `template_deleted`: The template is deleted.
        InvalidError
            `invalid_document`: The document is not valid; `unknown_template`: A template is unknown
            or not published.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/update-subflows",
                body=given({"note": note}),
                key=idempotency_key,
                is_keyed=True,
            ),
            UpdatedView,
        )

    def update_uses(
        self,
        project: str,
        template: str,
        *,
        body_project: str | None = None,
        note: str | None = None,
        after: UUID | str | None = None,
        limit: int | None = None,
        to_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> UpdatedListView:
        """Update what uses a template.

        Brings every template that runs this one as a subflow to a version of it, the latest if none
        is given. The text of each latest version is changed and published, and drafts are changed
        in the same places. Each template is changed whole or not at all, and `items` tells what
        became of it: one that could not be published any more is refused with the reason, and the
        others go on. Subflows without a version are pinned anew by the publication.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        body_project
            Only templates of this project.
        note
            Of the publications.
        after
            `next_after` of the answer before.
        limit
            Most templates.
        to_version
            Null for the latest one.
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
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/update-uses",
                body=given(
                    {
                        "project": body_project,
                        "note": note,
                        "after": after,
                        "limit": limit,
                        "to_version": to_version,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            UpdatedListView,
        )

    def validate(self, project: str, document: str | Mapping[str, Json]) -> ValidationView:
        """Check a document.

        Stores nothing. Lists everything that would keep the document from being published in this
        project, by node and by place in the text; an empty list means that it can be.

        Parameters
        ----------
        project
            Name of the project, or its id.
        document
            Its text, as YAML or JSON, or what that says.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read; `unsupported_media_type`: The body's media
            type is not understood.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/actions/validate",
                document=document,
            ),
            ValidationView,
        )
