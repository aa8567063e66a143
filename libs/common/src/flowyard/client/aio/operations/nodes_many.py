"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Sequence
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, given, segment
from flowyard.client.models import NodeStatus, TakenListView


class NodesMany(Group):
    """What can be done with nodes."""

    async def approve_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/approve",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def force_fail_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/force-fail",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def pause_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/pause",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def reject_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/reject",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def restart_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/restart",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    async def resume_many(
        self,
        instance_id: UUID | str,
        *,
        node_ids: Sequence[str] | None = None,
        status: Sequence[NodeStatus] | None = None,
        comment: str | None = None,
        message: str | None = None,
        idempotency_key: str | None = None,
    ) -> TakenListView:
        """Operate on many nodes of an instance.

        Retries, skips, stops or decides nodes of one instance: those that are named, or those in a
        status, such as all that have failed. Up to 500 are taken; `items` tells of each its
        command, or why it was refused as a request for it alone would have been. One that is
        refused holds the others not back. The commands are settled like all others: follow `GET
        /instances/{instance_id}/commands/{command_id}`.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        status
            Reached nodes in one of these, at most 500.
        comment
            For `approve` and `reject`.
        message
            For `force-fail`.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/resume",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )
