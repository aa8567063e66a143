"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.call import Call, segment
from flowyard.client.events import ServerEvent


class InstancesParts2(Group):
    """What can be done with instances."""

    def stream_events(
        self,
        instance_id: UUID | str,
        *,
        items_below: int | None = None,
        last_event_id: str | None = None,
    ) -> AbstractAsyncContextManager[AsyncIterator[ServerEvent]]:
        """Follow an instance.

        A stream of server-sent events. It begins with `snapshot`, which is what `GET
        /instances/{instance_id}` returns; each `change` carries the new status and every node that
        has changed, whole; `end` comes after the last change and closes the stream. The `id` of an
        event is the instance's revision: sent as `Last-Event-ID`, the stream begins with what was
        missed since. A comment every 15 s keeps the connection awake. The token travels in the
        `Authorization` header or in the cookie of a browser that has signed in, never in the
        address.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        items_below
            Leaves items of maps from this index on out of `nodes`: there may be thousands. `maps`
            counts them all, and `/nodes/{node_id}/items` lists them.
        last_event_id
            `id` of the last event that was seen.

        Raises
        ------
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        TooManyRequestsError
            `too_many_streams`: Too many live views.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return self._connection.stream(
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}/events",
                query={"items_below": items_below},
                headers={"last-event-id": last_event_id},
            )
        )
