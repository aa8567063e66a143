"""What can be done with attempts.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Literal
from uuid import UUID

from flowyard.client.call import Call, segment
from flowyard.client.events import ServerEvent
from flowyard.client.models import LogPageView
from flowyard.client.sync.group import Group


class Attempts(Group):
    """What can be done with attempts."""

    def get_logs(
        self,
        instance_id: UUID | str,
        node_id: str,
        number: int,
        *,
        after: int | None = None,
        limit: int | None = None,
        level: Literal["debug", "info", "warning", "error"] | None = None,
        wait: float | None = None,
    ) -> LogPageView:
        """Read the log of an attempt.

        Returns what the plugin has logged, in order, from behind `after` on. To follow a log, pass
        `next_after` as `after`, with `wait`, until `is_complete`. With `Accept: text/plain` the
        lines come as plain text, and a `Link` header with `rel=next` says where to go on while the
        log is not complete. A log holds at most 10,000 lines and 1 MiB; its last line says so where
        it was cut.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        number
            Number of the attempt.
        after
            Begins behind this sequence.
        limit
            Most lines of the answer.
        level
            Leaves out what matters less.
        wait
            Seconds to wait for a line, or the end, where there is none yet.

        Raises
        ------
        NotFoundError
            `unknown_node`: The graph has no such node.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        TooManyRequestsError
            `too_many_streams`: Too many live views.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/attempts/{segment(number)}/logs",
                query={"after": after, "limit": limit, "level": level, "wait": wait},
            ),
            LogPageView,
        )

    def stream_logs(
        self,
        instance_id: UUID | str,
        node_id: str,
        number: int,
        *,
        after: int | None = None,
        level: Literal["debug", "info", "warning", "error"] | None = None,
        last_event_id: str | None = None,
    ) -> AbstractContextManager[Iterator[ServerEvent]]:
        """Follow the log of an attempt.

        A stream of server-sent events: a `line` for each line, from behind `after` on, and `end`
        once the attempt has ended and its log is whole, which closes the stream. The `id` of an
        event is the line's `sequence`: sent as `Last-Event-ID`, which counts before `after`, the
        stream goes on behind it. It may be opened before the attempt has begun; it ends with the
        instance if that never happens. A comment every 15 s keeps the connection awake. A reader
        that is too slow loses nothing.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        number
            Number of the attempt.
        after
            Begins behind this sequence.
        level
            Leaves out what matters less.
        last_event_id
            `id` of the last event that was seen.

        Raises
        ------
        NotFoundError
            `unknown_node`: The graph has no such node.
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
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/attempts/{segment(number)}/logs/stream",
                query={"after": after, "level": level},
                headers={"last-event-id": last_event_id},
            )
        )
