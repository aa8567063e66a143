"""Models of commands.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from flowyard.client.model import OPEN, Answer


class CommandView(Answer):
    """One command: who asked for what, and what became of it."""

    command_id: int
    instance_id: UUID
    kind: str
    node_id: str | None
    payload: dict[str, JsonValue]
    actor: str
    created_at: AwareDatetime
    outcome: Annotated[Literal["applied", "rejected"], OPEN] | None
    """Null until the instance's owner has settled it."""
    code: str | None
    """Why it was rejected."""
    message: str | None
    settled_at: AwareDatetime | None
