"""What can be done with callbacks.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.call import NOTHING, Call, segment
from flowyard.client.model import Json
from flowyard.client.models import CallbackAcceptedView
from flowyard.client.sync.group import Group


class Callbacks(Group):
    """What can be done with callbacks."""

    def post(
        self, instance_id: UUID | str, node_id: str, number: int, token: str, *, body: Json = None
    ) -> CallbackAcceptedView:
        """Report to a waiting node.

        The address, token included, is handed to the outside system by the plugin that waits; no
        bearer token is needed. The JSON body becomes what the node is resumed with. A report that
        comes before the wait is kept for it.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        number
            Number of the attempt.
        token
            The attempt's own token, which is part of its address.
        body
            Any JSON.

        Raises
        ------
        BadRequestError
            `malformed_body`: The body cannot be read.
        ForbiddenError
            `callback_refused`: The callback's token is not valid.
        GoneError
            `attempt_closed`: The attempt has ended.
        TooManyRequestsError
            `too_many_commands`: Too many commands wait.
        """
        return self._connection.fetch(
            Call(
                "POST",
                f"/api/v1/callbacks/{segment(instance_id)}/{segment(node_id)}/{segment(number)}/{segment(token)}",
                body=NOTHING if body is None else body,
            ),
            CallbackAcceptedView,
        )
