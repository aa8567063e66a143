"""What can be done with templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import (
    AppliedView,
    DraftPreviewView,
    MockResult,
    PublicationView,
    StoppedListView,
    TemplateView,
    TriedView,
)


class TemplatesActions(Group):
    """What can be done with templates."""

    async def apply(
        self,
        project: str,
        document: str | Mapping[str, Json],
        *,
        idempotency_key: str | None = None,
    ) -> AppliedView:
        """Apply a document.

        Creates the template that the document's key names, or brings it up to date: draft and
        latest version become what the document says. What has not changed is not published again.
        All or nothing.

        Parameters
        ----------
        project
            Name of the project, or its id.
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
        InvalidError
            `invalid_document`: The document is not valid; `unknown_template`: A template is unknown
            or not published.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/actions/apply",
                document=document,
                key=idempotency_key,
                is_keyed=True,
            ),
            AppliedView,
        )

    async def mock_run(
        self,
        project: str,
        template: str,
        *,
        version: int | None = None,
        source: str | None = None,
        mocks: Mapping[str, MockResult] | None = None,
        inputs: Mapping[str, Json] | None = None,
        name: str | None = None,
        schemes: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> TriedView:
        """Run with canned results.

        Starts an instance of the draft, of a version, or of `source`, in which activities, subflows
        and maps are given results instead of being run: those of `mocks`, else success without
        outputs. Gateways, conditions, variables, retries and rollback are real. The instance is
        marked with `is_mock`. Nothing is published.

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
        mocks
            By node id. Nodes that are not listed succeed without outputs.
        schemes
            Null takes the template's default ones.
        excluded
            Optional nodes to leave out besides.
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
            `invalid_document`: The document is not valid; `invalid_exclusion`: What is to be left
            out does not fit the template; `invalid_inputs`: The inputs do not fit the template;
            `invalid_mocks`: The canned results do not fit the graph; `unknown_template`: A template
            is unknown or not published.
        TooManyRequestsError
            `overloaded`: Too much waits already.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/mock-run",
                body=given(
                    {
                        "version": version,
                        "source": source,
                        "mocks": mocks,
                        "inputs": inputs,
                        "name": name,
                        "schemes": schemes,
                        "excluded": excluded,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TriedView,
        )

    async def preview_inputs(
        self,
        project: str,
        template: str,
        *,
        inputs: Mapping[str, Json] | None = None,
        source: str | None = None,
    ) -> DraftPreviewView:
        """Preview the inputs of a draft's nodes.

        Renders the inputs of all nodes of the draft, or of `source`, as they would be at the start
        of an instance with the example inputs. What is wrong with these is told, and everything
        that does not need them is rendered all the same. Nothing is stored or run.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        inputs
            As for a new instance; not all need be there.
        source
            The text of a document to take instead of the draft: what is not shared yet.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `no_draft`: There is nothing to publish.
        InvalidError
            `invalid_document`: The document is not valid.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/preview-inputs",
                body=given({"inputs": inputs, "source": source}),
            ),
            DraftPreviewView,
        )

    async def publish(
        self,
        project: str,
        template: str,
        *,
        if_match: str | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> PublicationView:
        """Publish the draft.

        Makes the draft the latest version, which new instances take from then on. Plugins are
        checked against what the gateways host, and subflows pinned to the versions that are latest
        now. With `If-Match`, a draft that another has written meanwhile is not published. 201 for a
        new version; 200 when the latest one has the same content already.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        if_match
            ETag of the draft that is meant, if it matters.
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
            `invalid_document`: The document is not valid; `key_mismatch`: The document belongs to
            another template; `unknown_template`: A template is unknown or not published.
        PreconditionError
            `precondition_failed`: It has changed meanwhile.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/publish",
                headers={"if-match": if_match},
                body=given({"note": note}),
                key=idempotency_key,
                is_keyed=True,
            ),
            PublicationView,
        )

    async def restore(
        self, project: str, template: str, *, idempotency_key: str | None = None
    ) -> TemplateView:
        """Restore a deleted template.

        Brings a deleted template back as it was; one that is not deleted stays as it is.

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
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/restore",
                key=idempotency_key,
                is_keyed=True,
            ),
            TemplateView,
        )

    async def rollback(
        self,
        project: str,
        template: str,
        *,
        version: int,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> PublicationView:
        """Roll back to an older version.

        Publishes the content of an older version as the latest one. Versions are never changed or
        taken away, and running instances keep theirs. The draft stays as it is. Subflows keep their
        pins, whose templates have to be there and visible still.

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
            `unknown_template`: A template is unknown or not published.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/rollback",
                body={"version": version, **given({"note": note})},
                key=idempotency_key,
                is_keyed=True,
            ),
            PublicationView,
        )

    async def stop_uses(
        self,
        project: str,
        template: str,
        *,
        body_project: str | None = None,
        limit: int | None = None,
        version: int | None = None,
        idempotency_key: str | None = None,
    ) -> StoppedListView:
        """Stop what uses a template.

        Asks all open instances to end that are of this template (of one version, if that is given)
        or whose own template version runs it as a subflow, the oldest first. One cancel command
        each, which their owners settle: follow `GET
        /instances/{instance_id}/commands/{command_id}`. Those that were asked already are left out,
        so that the same call goes on where the limit was reached.

        Parameters
        ----------
        project
            Name of the project, or its id.
        template
            Key of the template, or its id.
        body_project
            Only instances of this project.
        limit
            Most instances.
        version
            Only uses of this version; null for all.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        """
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/templates/{segment(template)}/actions/stop-uses",
                body=given({"project": body_project, "limit": limit, "version": version}),
                key=idempotency_key,
                is_keyed=True,
            ),
            StoppedListView,
        )
