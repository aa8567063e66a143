"""What can be done with templates.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from flowyard.client.sync.operations.templates_actions import TemplatesActions
from flowyard.client.sync.operations.templates_actions_2 import TemplatesActions2
from flowyard.client.sync.operations.templates_parts import TemplatesParts
from flowyard.client.sync.operations.templates_parts_2 import TemplatesParts2


class Templates(TemplatesParts, TemplatesParts2, TemplatesActions, TemplatesActions2):
    """What can be done with templates."""
