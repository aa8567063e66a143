"""What can be done with queues.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.call import Call, segment
from flowyard.client.models import QueueView
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class Queues(Group):
    """What can be done with queues."""

    def get(self, queue: str) -> QueueView:
        """Show a queue.

        Returns how much waits in one queue, as the list does. A queue in which nothing waits or
        goes on shows zeros, so that what scales workers by it can begin with none.

        Parameters
        ----------
        queue
            Name of the queue.

        Raises
        ------
        UnavailableError
            `load_unknown`: Nobody tells what waits.
        """
        return self._connection.fetch(Call("GET", f"/api/v1/queues/{segment(queue)}"), QueueView)

    def list(self) -> Pages[QueueView]:
        """List queues.

        Returns every queue in which anything waits or goes on, all on one page: how many steps
        wait, are handed out and end, how old the oldest one is, and what is whose. Schedulers tell
        this every second; while none does, the answer is 503.

        Raises
        ------
        UnavailableError
            `load_unknown`: Nobody tells what waits.
        """
        return Pages(self._connection, Call("GET", "/api/v1/queues"), QueueView)
