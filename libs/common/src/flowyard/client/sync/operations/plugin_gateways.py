"""What can be done with plugin gateways.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.call import Call
from flowyard.client.models import PluginGatewayView
from flowyard.client.sync.group import Group
from flowyard.client.sync.pages import Pages


class PluginGateways(Group):
    """What can be done with plugin gateways."""

    def list(self) -> Pages[PluginGatewayView]:
        """List plugin gateways.

        Returns the plugin gateway processes that are alive, all on one page. While there is none,
        no node of any instance can run.
        """
        return Pages(self._connection, Call("GET", "/api/v1/plugin-gateways"), PluginGatewayView)
