"""What every group of operations has."""

from flowyard.client.aio.connection import AsyncConnection


class Group:
    """Operations that belong together.

    Parameters
    ----------
    connection
        Carries them out.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
