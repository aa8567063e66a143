"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call, segment
from flowyard.client.models import ItemView, NodePreviewView, NodeStatus, NodeView


class NodesParts(Group):
    """What can be done with nodes."""

    async def get(self, instance_id: UUID | str, node_id: str) -> NodeView:
        """Show a node of an instance.

        Returns one node with its latest 200 attempts.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.

        Raises
        ------
        NotFoundError
            `unknown_node`: The graph has no such node.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return await self._connection.fetch(
            Call("GET", f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}"),
            NodeView,
        )

    async def get_preview(self, instance_id: UUID | str, node_id: str) -> NodePreviewView:
        """Preview a node's inputs.

        Renders the inputs of a node as if a token entered it now, with what is known so far. An
        input that needs what an earlier node has still to yield names what is missing; any other
        mistake comes with its expression, position and the known names. Sealed values are masked,
        secrets stay references. Nothing is stored or run.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.

        Raises
        ------
        NotFoundError
            `unknown_node`: The graph has no such node.
        """
        return await self._connection.fetch(
            Call(
                "GET", f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/preview"
            ),
            NodePreviewView,
        )

    def list_items(
        self,
        instance_id: UUID | str,
        node_id: str,
        *,
        status: NodeStatus | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> AsyncPages[ItemView]:
        """List the items of a map.

        Returns the items of a map that have begun, by their index, page by page. What all of them
        are is among the inputs of the map's attempt.

        Parameters
        ----------
        instance_id
            Id of the instance, as its creation answered it.
        node_id
            Id of the node: `deploy:3` is an item of the map `deploy`, `deploy.build` a node of the
            inline subflow `deploy`, and `deploy:rollback` its compensation.
        status
            Only those; a failure that the map tolerates counts as `failed`.
        cursor
            `next_cursor` of the page before; left out, the list begins.
        limit
            Most items on the page.

        Raises
        ------
        InvalidError
            `invalid_cursor`: The cursor is not valid.
        NotFoundError
            `unknown_node`: The graph has no such node.
        ServerFaultError
            `archive_damaged`: The archive is damaged.
        UnavailableError
            `archive_unavailable`: The archive is unavailable.
        """
        return AsyncPages(
            self._connection,
            Call(
                "GET",
                f"/api/v1/instances/{segment(instance_id)}/nodes/{segment(node_id)}/items",
                query={"status": status, "cursor": cursor, "limit": limit},
            ),
            ItemView,
        )
