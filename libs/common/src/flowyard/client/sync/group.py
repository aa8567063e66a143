# Made by `make client` from aio/group.py: change that instead.
"""What every group of operations has."""

from flowyard.client.sync.connection import Connection


class Group:
    """Operations that belong together.

    Parameters
    ----------
    connection
        Carries them out.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
