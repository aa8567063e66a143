"""What can be done with me.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.call import Call
from flowyard.client.models import MeView
from flowyard.client.sync.group import Group


class Me(Group):
    """What can be done with me."""

    def get(self) -> MeView:
        """Tell who the token stands for.

        Answers with the actor that every command sent with this token is recorded under.
        """
        return self._connection.fetch(Call("GET", "/api/v1/me"), MeView)
