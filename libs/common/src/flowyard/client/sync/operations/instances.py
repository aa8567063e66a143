"""What can be done with instances.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.sync.operations.instances_actions import InstancesActions
from flowyard.client.sync.operations.instances_actions_2 import InstancesActions2
from flowyard.client.sync.operations.instances_many import InstancesMany
from flowyard.client.sync.operations.instances_parts import InstancesParts
from flowyard.client.sync.operations.instances_parts_2 import InstancesParts2


class Instances(
    InstancesParts, InstancesParts2, InstancesActions, InstancesActions2, InstancesMany
):
    """What can be done with instances."""
