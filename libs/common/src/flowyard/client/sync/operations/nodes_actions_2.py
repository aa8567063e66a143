"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import AcceptedView
from flowyard.client.sync.group import Group


class NodesActions2(Group):
    """What can be done with nodes."""

    def reject(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Reject.

        Says no to a node that waits for a person, with a comment. The present status is checked
        first, and 409 tells what is allowed. What counts is the decision of the instance's owner, a
        moment later: it is the command's `outcome`. With `wait` the answer is 200 once the command
        is applied, 409 when it is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
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
        NotFoundError
            `unknown_node`: The graph has no such node.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/reject",
                query={"wait": wait},
                body=given({"comment": comment}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def reset_timer(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        after_seconds: float,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Reset a running timer.

        Has a wait for a time, or the pause before an automatic retry, end at another time, counted
        from now; 0 ends it at once. The present status is checked first, and 409 tells what is
        allowed. What counts is the decision of the instance's owner, a moment later: it is the
        command's `outcome`. With `wait` the answer is 200 once the command is applied, 409 when it
        is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        after_seconds
            From now on; 0 ends it at once.
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
        NotFoundError
            `unknown_node`: The graph has no such node.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/reset-timer",
                query={"wait": wait},
                body={"after_seconds": after_seconds},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def restart(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        inputs: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Restart a subflow.

        Begins a subflow once more from its start, whether it has failed or is under way. What is
        left of its earlier run is cancelled. The present status is checked first, and 409 tells
        what is allowed. What counts is the decision of the instance's owner, a moment later: it is
        the command's `outcome`. With `wait` the answer is 200 once the command is applied, 409 when
        it is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        inputs
            New inputs, taken as they are; null repeats those of the failed attempt.
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
        NotFoundError
            `unknown_node`: The graph has no such node.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/restart",
                query={"wait": wait},
                body=given({"inputs": inputs}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def resume(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Skip, pause or resume a node.

        `skip` passes over a failed node, which has no outputs then; `pause` has the next token that
        reaches the node stop there, also before the instance is started; `resume` takes that back
        and lets a token in that waits. Items of maps (`deploy:3`), compensations
        (`deploy:rollback`) and nodes of inline subflows (`deploy.build`) are operated on by their
        ids like any other node. The present status is checked first, and 409 tells what is allowed.
        What counts is the decision of the instance's owner, a moment later: it is the command's
        `outcome`. With `wait` the answer is 200 once the command is applied, 409 when it is
        rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        ConflictError
            `command_rejected`: The command was rejected; `forbidden_operation`: The operation is
            not allowed in the present status; `not_skippable`: The node's options do not allow a
            skip.
        GoneError
            `instance_archived`: The instance was archived.
        NotFoundError
            `unknown_node`: The graph has no such node.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/resume",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    def retry(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        inputs: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Retry a failed node.

        Opens a further attempt of a failed node, with the inputs of the last one or with new ones.
        Of a map, only the items that failed are tried again. Items of maps (`deploy:3`),
        compensations (`deploy:rollback`) and nodes of inline subflows (`deploy.build`) are operated
        on by their ids like any other node. The present status is checked first, and 409 tells what
        is allowed. What counts is the decision of the instance's owner, a moment later: it is the
        command's `outcome`. With `wait` the answer is 200 once the command is applied, 409 when it
        is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        inputs
            New inputs, taken as they are; null repeats those of the failed attempt.
        idempotency_key
            Names this write: repeated under the same key within 24 h, it is done once. Made up for
            each call, unless it is given.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ConflictError
            `command_rejected`: The command was rejected; `forbidden_operation`: The operation is
            not allowed in the present status; `not_retryable`: The node's options do not allow a
            retry.
        GoneError
            `instance_archived`: The instance was archived.
        NotFoundError
            `unknown_node`: The graph has no such node.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/retry",
                query={"wait": wait},
                body=given({"inputs": inputs}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )
