"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import (
    CreatedView,
    DefinitionView,
    HoldView,
    InstanceStatus,
    InstanceSummaryView,
    InstanceView,
    Link,
    WaitReason,
)
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class InstancesParts(Group):
    """What can be done with instances."""

    def create(
        self,
        project: str,
        *,
        template: str,
        prefer: str | None = None,
        version: int | None = None,
        name: str | None = None,
        preset: str | None = None,
        inputs: Mapping[str, Json] | None = None,
        schemes: Sequence[str] | None = None,
        excluded: Sequence[str] | None = None,
        labels: Mapping[str, str] | None = None,
        links: Sequence[Link] | None = None,
        priority: int | None = None,
        start: bool | None = None,
        trace: Literal["always", "never"] | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedView:
        """Create an instance.

        Creates an instance of a published template and, unless `start` is false, starts it. Inputs
        are checked against the template. The answer does not wait for the start: follow `GET
        /instances/{instance_id}/events`. With `Prefer: wait=10` the answer is held until the
        instance has succeeded, failed, or been cancelled or paused, or those seconds are over; its
        `status` tells what it has come to by then, and `Preference-Applied` that it was waited for.
        While a process holds too many answers and live views, it answers at once, without that
        header. While too much waits already the request is refused with 429; `Retry-After` says
        when to come again.

        Parameters
        ----------
        project
            Name of the project, or its id.
        prefer
            `wait=SECONDS` (RFC 7240), from 1 to 60, holds the answer until the instance does not go
            on by itself, or that time is over. Anything else is ignored.
        template
            Key, `project/key` of another project's that is visible in this one, or id.
        version
            Null takes the latest.
        name
            Null takes the template's title.
        preset
            A preset of the template, whose values `inputs` completes or replaces.
        schemes
            Execution schemes, which together keep what any of them keeps; null takes the template's
            default ones, an empty list runs the whole flow.
        excluded
            Optional nodes to leave out besides.
        priority
            The higher the sooner its steps are handed out.
        start
            False leaves it at `created`.
        trace
            Whether its trace is recorded; null leaves that to the caller's `traceparent`, or
            without one to chance.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `invalid_exclusion`: What is to be left out does not fit the template; `invalid_inputs`:
            The inputs do not fit the template; `unknown_preset`: The template has no such preset;
            `unknown_template`: A template is unknown or not published.
        TooManyRequestsError
            `overloaded`: Too much waits already.
        UnavailableError
            `broker_unavailable`: The broker is unavailable.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/projects/{segment(project)}/instances",
                headers={"prefer": prefer},
                body={
                    "template": template,
                    **given(
                        {
                            "version": version,
                            "name": name,
                            "preset": preset,
                            "inputs": inputs,
                            "schemes": schemes,
                            "excluded": excluded,
                            "labels": labels,
                            "links": links,
                            "priority": priority,
                            "start": start,
                            "trace": trace,
                        }
                    ),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            CreatedView,
        )

    def delete_hold(
        self, instance_id: UUID | str, *, idempotency_key: str | None = None
    ) -> HoldView:
        """Let an instance go.

        Takes the hold away, and answers with what it was. What is old enough by then goes with the
        next batch.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.
        """
        return self._connection.fetch(
            Call(
                "DELETE",
                f"/api/v1/instances/{segment(instance_id)}/hold",
                key=idempotency_key,
                is_keyed=True,
            ),
            HoldView,
        )

    def get(self, instance_id: UUID | str, *, items_below: int | None = None) -> InstanceView:
        """Show an instance.

        Returns everything as it stood at one instant: every node of the graph (those not reached
        yet as `pending`) with its status, the reason why it does not go on by itself and when that
        is looked at again, its outputs, and each attempt with inputs, outputs, failure and times;
        and which operations are allowed now.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        items_below
            Leaves items of maps from this index on out of `nodes`: there may be thousands. `maps`
            counts them all, and `/nodes/{node_id}/items` lists them.

        Raises
        ------
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}",
                query={"items_below": items_below},
            ),
            InstanceView,
        )

    def get_definition(self, instance_id: UUID | str) -> DefinitionView:
        """Show what an instance runs.

        Returns the version of the template that the instance was created with, also where that was
        never published, or is visible to nobody else any more. It never changes.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.

        Raises
        ------
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/instances/{segment(instance_id)}/definition"), DefinitionView
        )

    def get_hold(self, instance_id: UUID | str) -> HoldView:
        """Show an instance's hold.

        Tells who holds an instance, and why. 404 where nobody does.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        """
        return self._connection.fetch(
            Call("GET", f"/api/v1/instances/{segment(instance_id)}/hold"), HoldView
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
        status: Sequence[InstanceStatus] | None = None,
        template: str | None = None,
        actor: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        reason: Sequence[WaitReason] | None = None,
        is_mock: bool | None = None,
    ) -> Pages[InstanceSummaryView]:
        """List instances.

        Returns a project's instances, the newest first, page by page. All that is given has to
        hold; `filter` names a saved filter to begin with.

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
            Contained in the name, in any case of letters.
        filter
            Name of a saved filter, your own or else the project's. What is given beside it takes
            the place of the filter's own parameter.
        status
            One of these; may be repeated.
        template
            Key of the template, `project/key` of another project's, or id.
        actor
            Keeps those that this one created.
        created_after
            Keeps those that were created later.
        created_before
            Keeps those that were created earlier.
        reason
            Keeps those in which a node waits for one of these; may be repeated.
        is_mock
            True keeps mocked runs alone, false all others.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        """
        return Pages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/projects/{segment(project)}/instances",
                query={
                    "cursor": cursor,
                    "limit": limit,
                    "label": label,
                    "text": text,
                    "filter": filter,
                    "status": status,
                    "template": template,
                    "actor": actor,
                    "created_after": created_after,
                    "created_before": created_before,
                    "reason": reason,
                    "is_mock": is_mock,
                },
            ),
            InstanceSummaryView,
        )

    def put_hold(
        self,
        instance_id: UUID | str,
        *,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> HoldView:
        """Hold an instance.

        Keeps an instance, and with it the one that has started it and all that they have started,
        from being archived or deleted until it is let go, however old they are.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        GoneError
            `instance_archived`: The instance was archived.
        """
        return self._connection.fetch(
            Call(
                "PUT",
                f"/api/v1/instances/{segment(instance_id)}/hold",
                body=given({"reason": reason}),
                key=idempotency_key,
                is_keyed=True,
            ),
            HoldView,
        )
