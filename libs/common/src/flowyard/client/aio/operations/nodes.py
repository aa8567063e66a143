"""What can be done with nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.aio.operations.nodes_actions import NodesActions
from flowyard.client.aio.operations.nodes_actions_2 import NodesActions2
from flowyard.client.aio.operations.nodes_actions_3 import NodesActions3
from flowyard.client.aio.operations.nodes_many import NodesMany
from flowyard.client.aio.operations.nodes_many_2 import NodesMany2
from flowyard.client.aio.operations.nodes_parts import NodesParts


class Nodes(NodesParts, NodesActions, NodesActions2, NodesActions3, NodesMany, NodesMany2):
    """What can be done with nodes."""
