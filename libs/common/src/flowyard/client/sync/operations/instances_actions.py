"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import AcceptedView, BulkCreatedView, CreatedView, CreateInstance
from flowyard.client.sync.group import Group


class InstancesActions(Group):
    """What can be done with instances."""

    def bulk_create(
        self, project: str, *, items: Sequence[CreateInstance], idempotency_key: str | None = None
    ) -> BulkCreatedView:
        """Create many instances.

        Creates up to 1000 instances together, all or none, in the order given. A fault names the
        item that it is about. They are taken in together, too: where 429 is answered, none was
        created.

        Parameters
        ----------
        project
            Name of the project, or its id.
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
                f"/api/v1/projects/{segment(project)}/instances/actions/bulk-create",
                body={"items": items},
                key=idempotency_key,
                is_keyed=True,
            ),
            BulkCreatedView,
        )

    def cancel(
        self,
        instance_id: UUID | str,
        *,
        wait: float | None = None,
        rollback: bool | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Cancel an instance.

        Ends an instance for good: running plugins are asked to stop and children are cancelled.
        `cancel_confirmed_at` of an attempt tells when nothing of it goes on any more. With
        `rollback`, the compensations of what has succeeded are run first, the last one first, and
        the instance is cancelled when they have ended. The present status is checked first, and 409
        tells what is allowed. What counts is the decision of the instance's owner, a moment later:
        it is the command's `outcome`. With `wait` the answer is 200 once the command is applied,
        409 when it is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        rollback
            Undo what has succeeded first.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `command_rejected`: The command was rejected; `forbidden_operation`: The operation is
            not allowed in the present status.
        GoneError
            `instance_archived`: The instance was archived.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/cancel",
                query={"wait": wait},
                body=given({"rollback": rollback}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def clone(
        self,
        instance_id: UUID | str,
        *,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        priority: int | None = None,
        start: bool | None = None,
        inputs: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedView:
        """Clone an instance.

        Creates another instance of the same version with the same inputs, labels, links, schemes
        and mocks, whatever the status of this one, and starts it unless `start` is false. Inputs
        that are given replace those of this one. Both show the other: `origin` here, `copies`
        there.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        name
            Null takes that of the other one.
        labels
            Added to those of the other one.
        priority
            The higher the sooner; null takes that of the other one.
        start
            False leaves it at `created`.
        inputs
            Replace inputs of the other one; the rest stays.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        InvalidError
            `invalid_inputs`: The inputs do not fit the template.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        TooManyRequestsError
            `overloaded`: Too much waits already.
        UnavailableError
            `archive_unavailable`: The archive is unavailable; `broker_unavailable`: The broker is
            unavailable.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/clone",
                body=given(
                    {
                        "name": name,
                        "labels": labels,
                        "priority": priority,
                        "start": start,
                        "inputs": inputs,
                    }
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            CreatedView,
        )

    def pause(
        self,
        instance_id: UUID | str,
        *,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Start, pause or resume an instance.

        `start` begins an instance that was created without; `pause` starts nothing new while what
        runs goes on to its end; `resume` goes on. While too much waits already, `start` is refused
        with 429; nothing else is. The present status is checked first, and 409 tells what is
        allowed. What counts is the decision of the instance's owner, a moment later: it is the
        command's `outcome`. With `wait` the answer is 200 once the command is applied, 409 when it
        is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        ConflictError
            `command_rejected`: The command was rejected; `forbidden_operation`: The operation is
            not allowed in the present status.
        GoneError
            `instance_archived`: The instance was archived.
        TooManyRequestsError
            `overloaded`: Too much waits already; `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/pause",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def rerun(
        self,
        instance_id: UUID | str,
        *,
        node_id: str,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        priority: int | None = None,
        start: bool | None = None,
        inputs: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedView:
        """Rerun an instance from a node.

        Creates another instance of the same version that begins at a node, with the variables and
        outputs that this one had come to, and starts it unless `start` is false. What lies before
        the node is marked as `reused`. This one has to have ended or failed. A rerun cannot begin
        between a split and its converge or within an inline subflow. Both show the other: `origin`
        here, `copies` there.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        name
            Null takes that of the other one.
        labels
            Added to those of the other one.
        priority
            The higher the sooner; null takes that of the other one.
        start
            False leaves it at `created`.
        inputs
            Inputs for the node to begin at, taken as they are; null has them rendered.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `forbidden_operation`: The operation is not allowed in the present status.
        InvalidError
            `not_rerunnable`: A rerun cannot begin there.
        NotFoundError
            `unknown_node`: The graph has no such node.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        TooManyRequestsError
            `overloaded`: Too much waits already.
        UnavailableError
            `archive_unavailable`: The archive is unavailable; `broker_unavailable`: The broker is
            unavailable.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/rerun",
                body={
                    "node_id": node_id,
                    **given(
                        {
                            "name": name,
                            "labels": labels,
                            "priority": priority,
                            "start": start,
                            "inputs": inputs,
                        }
                    ),
                },
                key=idempotency_key,
                is_keyed=True,
            ),
            CreatedView,
        )
