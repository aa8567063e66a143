"""Models of nodes.

Made by `make client` from the OpenAPI document: change the API instead.
"""

from typing import Literal

from pydantic import AwareDatetime

from flowyard.client.model import Answer
from flowyard.client.models.shared import FailureView


class ItemView(Answer):
    """One item of a map, in few words; its own address shows all of it."""

    index: int
    node_id: str
    status: str
    mark: str | None
    """`ignored` where the map tolerates its failure."""
    reason: str | None
    """Why it does not go on by itself right now."""
    failure: FailureView | None
    reached_at: AwareDatetime
    ended_at: AwareDatetime | None
    allowed: list[str]
    """Operations that its status allows."""


NodeStatus = Literal[
    "pending", "ready", "running", "waiting", "succeeded", "failed", "skipped", "cancelled"
]
"""What a node is doing."""
