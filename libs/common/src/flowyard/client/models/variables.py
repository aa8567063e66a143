"""Models of variables.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import Answer


class VariableView(Answer):
    """A variable of a project."""

    name: str
    """Used as `${project.<name>}`."""
    value: JsonValue
    description: str
    actor: str
    """Who wrote it last."""
    updated_at: AwareDatetime
