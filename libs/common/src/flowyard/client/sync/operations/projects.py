"""What can be done with projects.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.sync.operations.projects_parts import ProjectsParts
from flowyard.client.sync.operations.projects_parts_2 import ProjectsParts2


class Projects(ProjectsParts, ProjectsParts2):
    """What can be done with projects."""
