"""Commands: operations on instances and what became of them."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import Field

from flowyard_api.models.shapes import JsonObject, RequestModel, View


class RetryOptions(RequestModel):
    """How a failed node is to be tried again."""

    inputs: JsonObject | None = Field(
        None,
        description="New inputs, taken as they are; null repeats those of the failed attempt.",
        examples=[{"url": "http://127.0.0.1:9000/prepare"}],
    )


class Decision(RequestModel):
    """What a person says to a decision."""

    comment: str = Field("", max_length=10_000, examples=["Seen with the customer"])


class CommandView(View):
    """One command: who asked for what, and what became of it."""

    command_id: int = Field(examples=[42])
    instance_id: uuid.UUID
    kind: str = Field(examples=["retry"])
    node_id: str | None = Field(examples=["prepare"])
    payload: JsonObject = Field(examples=[{"inputs": None}])
    actor: str = Field(examples=["ops"])
    created_at: datetime
    outcome: Literal["applied", "rejected"] | None = Field(
        description="Null until the instance's owner has settled it.", examples=["applied"]
    )
    code: str | None = Field(description="Why it was rejected.")
    message: str | None
    settled_at: datetime | None


class AcceptedView(View):
    """A command that was taken in."""

    command_id: int = Field(examples=[42])
    outcome: Literal["applied", "rejected"] | None = Field(
        None,
        description="Null while it is open; with `wait`, what became of it.",
        examples=[None],
    )
    code: str | None = Field(None, description="Why it was rejected.")
    message: str | None = None


class CallbackAcceptedView(View):
    """A callback that was taken in."""

    accepted: bool = Field(default=True, examples=[True])
