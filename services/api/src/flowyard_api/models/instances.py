"""Instances, nodes and attempts."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from flowyard_api.models.shapes import (
    FailureView,
    JsonObject,
    Label,
    Link,
    RequestModel,
    View,
)

MAX_BULK = 1000
"""Most instances in one request; more would hold the database's connection for too long."""


class CreateInstance(RequestModel):
    """An instance to be created."""

    template: str = Field(
        min_length=1, max_length=100, description="Key or id.", examples=["release-service"]
    )
    version: int | None = Field(None, ge=1, description="Null takes the latest.", examples=[2])
    name: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Null takes the template's title.",
        examples=["Release 1.4.2"],
    )
    inputs: JsonObject = Field({}, examples=[{"version": "1.4.2"}])
    labels: dict[Label, Annotated[str, Field(max_length=500)]] = Field(
        {}, max_length=64, examples=[{"team": "shop"}]
    )
    links: list[Link] = Field([], max_length=50)
    start: bool = Field(default=True, description="False leaves it at `created`.")


class BulkCreate(RequestModel):
    """Instances to be created together, all or none."""

    items: list[CreateInstance] = Field(min_length=1, max_length=MAX_BULK)


class CreatedView(View):
    """A new instance."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    template_id: uuid.UUID
    version: int = Field(examples=[2])
    name: str = Field(examples=["Release 1.4.2"])
    status: Literal["created"] = "created"
    command_id: int | None = Field(description="Of its start command.", examples=[42])
    created_at: datetime


class BulkCreatedView(View):
    """New instances, in the order of the request."""

    items: list[CreatedView]


class ParentView(View):
    """Which attempt of which instance started this one."""

    instance_id: uuid.UUID
    node_id: str
    number: int


class InstanceSummaryView(View):
    """An instance in a list."""

    instance_id: uuid.UUID
    project_id: uuid.UUID
    project: str = Field(examples=["shop"])
    template_id: uuid.UUID
    template: str = Field(description="Key of the template.", examples=["release-service"])
    template_title: str = Field(examples=["Release a service"])
    version: int = Field(examples=[2])
    name: str = Field(examples=["Release 1.4.2"])
    status: str = Field(examples=["running"])
    revision: int = Field(description="Counts its stored changes.", examples=[7])
    allowed: list[str] = Field(
        description="Operations that the status allows.", examples=[["pause", "cancel"]]
    )
    labels: dict[str, str] = Field(examples=[{"team": "shop"}])
    links: list[Link]
    actor: str = Field(description="Who created it.", examples=["ops"])
    parent_instance_id: uuid.UUID | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ClaimView(View):
    """The plugin gateway's record that a step has begun."""

    runner: uuid.UUID = Field(description="The gateway process that claimed it.")
    step: int
    claimed_at: datetime | None
    outcome: Literal["open", "known", "unknown"] = Field(
        description="`unknown`: the gateway died in between."
    )


class AttemptView(View):
    """One attempt of a node."""

    number: int = Field(description="Counted from 1.", examples=[1])
    attempt_id: uuid.UUID = Field(description="Receivers of its effects may deduplicate on it.")
    step: int = Field(description="0 at first, one more after every wait.", examples=[0])
    status: str = Field(examples=["failed"])
    inputs: JsonObject | None = Field(examples=[{"url": "http://127.0.0.1:9000/prepare"}])
    outputs: JsonObject | None
    failure: FailureView | None
    opened_at: datetime
    dispatched_at: datetime | None
    started_at: datetime | None
    closed_at: datetime | None
    claim: ClaimView | None
    has_late_outcome: bool = Field(description="A result came after its claim was given up.")
    child_instance_id: uuid.UUID | None = Field(description="For subflows.")


class NodeView(View):
    """One node of the graph; pending until it is reached."""

    node_id: str = Field(examples=["prepare"])
    kind: str = Field(examples=["activity"])
    name: str = Field(examples=["Prepare the bundle"])
    plugin: str | None = Field(examples=["http_request@1.0"])
    subflow: str | None = Field(examples=[None])
    status: str = Field(examples=["failed"])
    reason: str | None = Field(
        description="Why it does not go on by itself right now.", examples=["incident"]
    )
    check_at: datetime | None = Field(description="When the reason is looked at again.")
    visits: int = Field(description="How often a token has entered it.", examples=[1])
    outputs: JsonObject | None = Field(description="Of its last success.")
    failure: FailureView | None
    reached_at: datetime | None
    ended_at: datetime | None
    allowed: list[str] = Field(
        description="Operations that its status allows.", examples=[["retry", "skip"]]
    )
    attempts: list[AttemptView]


class InstanceHead(View):
    """What changes of an instance besides its nodes."""

    revision: int = Field(examples=[7])
    status: str = Field(examples=["failed"])
    allowed: list[str] = Field(examples=[["cancel"]])
    outputs: JsonObject | None
    failure: FailureView | None
    started_at: datetime | None
    ended_at: datetime | None


class InstanceView(InstanceSummaryView):
    """One instance with every node of its graph."""

    inputs: JsonObject = Field(description="As given.", examples=[{"version": "1.4.2"}])
    variables: JsonObject | None
    outputs: JsonObject | None
    failure: FailureView | None
    parent: ParentView | None
    trace_id: str | None = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
    nodes: list[NodeView]


class InstanceChangeView(InstanceHead):
    """What has changed since the last event."""

    nodes: list[NodeView] = Field(description="The changed ones only, each whole.")
