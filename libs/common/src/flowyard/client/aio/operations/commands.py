"""What can be done with commands.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, segment
from flowyard.client.models import CommandView


class Commands(Group):
    """What can be done with commands."""

    async def get(
        self, instance_id: UUID | str, command_id: int, *, wait: float | None = None
    ) -> CommandView:
        """Show a command.

        Returns a command with its outcome; with `wait`, as soon as there is one.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        command_id
            Id of the command, as its request answered it.
        wait
            Seconds to wait for the outcome; left out, the answer comes at once.

        Raises
        ------
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return await self._connection.fetch(
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}/commands/{segment(command_id)}",
                query={"wait": wait},
            ),
            CommandView,
        )

    def list(
        self, instance_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> AsyncPages[CommandView]:
        """List the commands of an instance.

        Returns who asked for what and what became of it, the latest first, page by page.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return AsyncPages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}/commands",
                query={"cursor": cursor, "limit": limit},
            ),
            CommandView,
        )
