"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Sequence
from uuid import UUID

from flowyard.client.call import Call, given, segment
from flowyard.client.models import NodeStatus, TakenListView
from flowyard.client.sync.group import Group


class NodesMany2(Group):
    """What can be done with nodes."""

    def retry_many(
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
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/retry",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )

    def skip_many(
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
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/instances/{segment(instance_id)}/nodes/actions/skip",
                body=given(
                    {"node_ids": node_ids, "status": status, "comment": comment, "message": message}
                ),
                key=idempotency_key,
                is_keyed=True,
            ),
            TakenListView,
        )
