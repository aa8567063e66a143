"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Mapping
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, segment
from flowyard.client.model import Json
from flowyard.client.models import AcceptedView


class InstancesActions2(Group):
    """What can be done with instances."""

    async def resume(
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/resume",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def set_priority(
        self,
        instance_id: UUID | str,
        *,
        priority: int,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Change the priority of an instance.

        Has the steps of an instance dispatched sooner or later than those of others from now on,
        those that wait in a queue included. The present status is checked first, and 409 tells what
        is allowed. What counts is the decision of the instance's owner, a moment later: it is the
        command's `outcome`. With `wait` the answer is 200 once the command is applied, 409 when it
        is rejected, and 202 when the time is over before.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.
        priority
            The higher the sooner.
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/set-priority",
                query={"wait": wait},
                body={"priority": priority},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def set_variables(
        self,
        instance_id: UUID | str,
        *,
        values: Mapping[str, Json],
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> AcceptedView:
        """Change variables of an instance.

        Gives variables other values, all of them or none. Inputs are checked as at the start. A
        variable that a node has used already is refused with `variable_used`, which names the
        nodes. Computed variables are not computed again. The present status is checked first, and
        409 tells what is allowed. What counts is the decision of the instance's owner, a moment
        later: it is the command's `outcome`. With `wait` the answer is 200 once the command is
        applied, 409 when it is rejected, and 202 when the time is over before.

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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/set-variables",
                query={"wait": wait},
                body={"values": values},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )

    async def start(
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
        return await self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/actions/start",
                query={"wait": wait},
                key=idempotency_key,
                is_keyed=True,
            ),
            AcceptedView,
        )
