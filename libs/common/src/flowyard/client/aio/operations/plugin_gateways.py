"""What can be done with plugin gateways.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.aio.group import Group
from flowyard.client.aio.pages import AsyncPages
from flowyard.client.call import Call
from flowyard.client.models import PluginGatewayView


class PluginGateways(Group):
    """What can be done with plugin gateways."""

    def list(self) -> AsyncPages[PluginGatewayView]:
        """List plugin gateways.

        Returns the plugin gateway processes that are alive, all on one page. While there is none,
        no node of any instance can run.
        """
        return AsyncPages(
            self._connection, Call("GET", "/api/v1/plugin-gateways"), PluginGatewayView
        )
