"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, segment
from flowyard.client.models import AcceptedView


class NodesActions3(Group):
    """What can be done with nodes."""

    async def skip(
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/actions/skip",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )
