"""Models of presets.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import Answer


class PresetView(Answer):
    """A named set of input values."""

    name: str
    description: str
    inputs: dict[str, JsonValue]
    actor: str
    """Who wrote it last."""
    updated_at: AwareDatetime
