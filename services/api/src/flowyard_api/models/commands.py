"""Commands: operations on instances and what became of them."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from flowyard.engine.lifecycle import NodeStatus
from flowyard.engine.node_commands import MAX_TIMER
from flowyard.engine.operations import MAX_PRIORITY
from flowyard_api.models.lists import InstanceQuery
from flowyard_api.models.shapes import JsonObject, RequestModel, View, exactly_one

MAX_TARGETS = 500
"""Most instances or nodes of one request; each costs a command row."""

NodeId = Annotated[str, Field(min_length=1, max_length=500)]
"""Id of a node, also of one on behalf of another."""


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


class CancelOptions(RequestModel):
    """How an instance is to end."""

    rollback: bool = Field(
        default=False, description="Undo what has succeeded first.", examples=[True]
    )


class NewVariables(RequestModel):
    """Values for variables that no node has used yet."""

    values: JsonObject = Field(min_length=1, max_length=200, examples=[{"version": "1.4.3"}])


class NewPriority(RequestModel):
    """Where an instance stands among others."""

    priority: int = Field(ge=0, le=MAX_PRIORITY, description="The higher the sooner.", examples=[8])


class ForcedFailure(RequestModel):
    """Why a person stops a node."""

    message: str = Field("", max_length=2000, examples=["Hangs since the switch was replaced"])


class ForcedOutputs(RequestModel):
    """What a node counts as having left."""

    outputs: JsonObject = Field({}, max_length=1000, examples=[{"image": "shop:1.4.2"}])


class BranchChoice(RequestModel):
    """Which way a token takes."""

    targets: list[NodeId] = Field(
        min_length=1,
        max_length=100,
        description="The nodes that the chosen branches lead to.",
        examples=[["deploy"]],
    )


class NewTime(RequestModel):
    """When a wait ends."""

    after_seconds: float = Field(
        ge=0,
        le=MAX_TIMER.total_seconds(),
        allow_inf_nan=False,
        description="From now on; 0 ends it at once.",
        examples=[600],
    )


class InstanceFilter(InstanceQuery):
    """What the list of instances takes in its address, as JSON."""

    is_mock: StrictBool | None = Field(
        None, description="True keeps mocked runs alone, false all others."
    )


class InstanceSelection(RequestModel):
    """Which instances to operate on: those named, or those that a filter finds."""

    model_config = ConfigDict(json_schema_extra=exactly_one("instance_ids", "filter"))

    instance_ids: list[uuid.UUID] | None = Field(None, min_length=1, max_length=MAX_TARGETS)
    filter: InstanceFilter | None = Field(
        None,
        description="As the list of instances takes it. Only those are found whose status allows"
        f" the operation, at most {MAX_TARGETS}, the newest first.",
        examples=[{"template": "release-service", "status": ["failed"]}],
    )
    rollback: bool = Field(default=False, description="For `cancel`: undo what has succeeded.")
    priority: int | None = Field(
        None, ge=0, le=MAX_PRIORITY, description="For `set-priority`, which needs it."
    )

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        _check_one_choice(self.instance_ids, self.filter, "instance_ids", "filter")
        return self


class NodeSelection(RequestModel):
    """Which nodes of an instance to operate on: those named, or those in a status."""

    model_config = ConfigDict(json_schema_extra=exactly_one("node_ids", "status"))

    node_ids: list[NodeId] | None = Field(
        None, min_length=1, max_length=MAX_TARGETS, examples=[["deploy:3", "deploy:7"]]
    )
    status: list[NodeStatus] | None = Field(
        None,
        min_length=1,
        description=f"Reached nodes in one of these, at most {MAX_TARGETS}.",
        examples=[["failed"]],
    )
    comment: str = Field("", max_length=10_000, description="For `approve` and `reject`.")
    message: str = Field("", max_length=2000, description="For `force-fail`.")

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        _check_one_choice(self.node_ids, self.status, "node_ids", "status")
        return self


def _check_one_choice(one: object, other: object, *names: str) -> None:
    if (one is None) is (other is None):
        raise PydanticCustomError(
            "one_choice",
            "Expected either {first} or {second}",
            dict(zip(_PLACES, names, strict=True)),
        )


_PLACES = ("first", "second")


class RefusalView(View):
    """Why an operation was not taken in, as a request for it alone would be told."""

    code: str = Field(examples=["forbidden_operation"])
    status: int = Field(examples=[409])
    detail: str = Field(
        examples=["Expected an instance that allows pause, but it is paused: resume allowed"]
    )
    present_status: str | None = Field(examples=["paused"])
    allowed: list[str] | None = Field(examples=[["resume", "cancel"]])
    retry_after_seconds: int | None = Field(
        None, description="With `overloaded`: when to come again.", examples=[None]
    )


class TakenView(View):
    """What became of one of many operations: a command, or a refusal."""

    instance_id: uuid.UUID
    node_id: str | None = Field(examples=[None])
    command_id: int | None = Field(description="Null where it was refused.", examples=[42])
    problem: RefusalView | None


class TakenListView(View):
    """What became of many operations, in the order of the request."""

    items: list[TakenView]
    has_more: bool = Field(
        description="More than could be taken at once were found: the same request goes on."
    )


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
