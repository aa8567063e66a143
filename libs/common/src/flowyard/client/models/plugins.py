"""Models of plugins.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal

from pydantic import JsonValue

from flowyard.client.model import OPEN, Answer


class PluginView(Answer):
    """One version of one plugin."""

    name: str
    version: str
    title: str
    description: str
    idempotency: Annotated[Literal["always", "never", "by_inputs"], OPEN]
    """Whether repeating it at any later time is harmless."""
    is_cancellable: bool
    """Whether it stops what goes on elsewhere when it is cancelled while it waits."""
    inputs_schema: dict[str, JsonValue]
    """JSON Schema."""
    outputs_schema: dict[str, JsonValue]
    """JSON Schema."""
