"""Models of plugin gateways.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from uuid import UUID

from pydantic import AwareDatetime

from flowyard.client.model import Answer


class PluginGatewayView(Answer):
    """One process that runs plugins."""

    boot_id: UUID
    """New at every start; claims name it as `runner`."""
    host: str
    started_at: AwareDatetime
    renewed_at: AwareDatetime
    """When it last said that it is alive."""
