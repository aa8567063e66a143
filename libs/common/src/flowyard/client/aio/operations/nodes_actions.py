"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, given, segment
from flowyard.client.model import Json
from flowyard.client.models import AcceptedView


class NodesActions(Group):
    """What can be done with nodes."""

    async def approve(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Approve.

        Says yes to a node that waits for a person, with a comment. The present status is checked
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/approve",
                query={"wait": wait},
                body=given({"comment": comment}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def choose(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        targets: Sequence[str],
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Choose the branch of a failed gateway.

        Says which way the token takes at a gateway that has failed: one branch of an exclusive one,
        one or more of a conditional parallel one. Loop limits hold. The present status is checked
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
        targets
            The nodes that the chosen branches lead to.
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/choose",
                query={"wait": wait},
                body={"targets": targets},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def force_fail(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Force a node to fail.

        Stops a node that works or waits: it fails with code `forced_failure`, whatever its retries
        and `ignore_failure` say. Its plugin is asked to stop; `cancel_confirmed_at` of the attempt
        tells when nothing of it goes on any more. The present status is checked first, and 409
        tells what is allowed. What counts is the decision of the instance's owner, a moment later:
        it is the command's `outcome`. With `wait` the answer is 200 once the command is applied,
        409 when it is rejected, and 202 when the time is over before.

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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/force-fail",
                query={"wait": wait},
                body=given({"message": message}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def force_succeed(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        wait: float | None = None,
        outputs: Mapping[str, Json] | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Force a node to succeed.

        Lets a node that is open or has failed count as succeeded with the given outputs, marked as
        `forced`. Its plugin is asked to stop. Outputs that are kept sealed cannot be given. The
        present status is checked first, and 409 tells what is allowed. What counts is the decision
        of the instance's owner, a moment later: it is the command's `outcome`. With `wait` the
        answer is 200 once the command is applied, 409 when it is rejected, and 202 when the time is
        over before.

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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/force-succeed",
                query={"wait": wait},
                body=given({"outputs": outputs}),
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def pause(
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/pause",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )
