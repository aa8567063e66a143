"""Models of filters.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer


class FilterView(Answer):
    """A named query of a list."""

    resource: Annotated[Literal["instances", "templates"], OPEN]
    name: str
    shared: bool
    """False for one that only you see."""
    description: str
    parameters: dict[str, JsonValue]
    actor: str
    """Who wrote it last."""
    updated_at: AwareDatetime
